/**
 * The number of solved examples in a task's name: `gsm8k|5`, `lighteval|gsm8k|5|0` (the last one says whether fewer may be
 * taken), `mmlu:_average|5`. Null where the name tells none.
 */
export function fewShotOf(task: string): number | null {
  const parts = task.split('|');
  const at = parts.length >= 3 ? 2 : 1;
  const text = parts[at];
  return text !== undefined && /^\d{1,4}$/.test(text) ? Number(text) : null;
}

/** Names under which a task's configuration may stand: with and without the number of examples. */
export function configNames(task: string): string[] {
  const parts = task.split('|');
  const shorter = parts.map((_, index) => parts.slice(0, parts.length - index).join('|'));
  return parts.length >= 3 ? [...shorter, parts[1] ?? task] : shorter;
}
