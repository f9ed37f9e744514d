/** What keeps outcomes of one item apart: they are joined across such a difference only where the user names it. */
import type { OutcomeRecord } from './record.ts';

/** Names of differences, as `--across` takes them. */
export const acrossNames = ['few-shot', 'chat-template', 'prompt', 'document', 'target'] as const;
export type Across = (typeof acrossNames)[number];

/** How an item was asked. */
export type Asked = Readonly<
  Pick<
    OutcomeRecord,
    'render' | 'promptSha256' | 'fewShot' | 'chatTemplate' | 'documentHash' | 'targetHash'
  >
>;

/** A difference that makes another question of an item, with both values. */
export type QuestionDifference = {
  readonly across: 'prompt' | 'document' | 'target';
  readonly values: readonly [string, string];
};

const questionFields = [
  { across: 'prompt', field: 'promptSha256' },
  { across: 'document', field: 'documentHash' },
  { across: 'target', field: 'targetHash' },
] as const;

/** Why questions are kept apart, to follow "left out:". */
export const differenceReasons: Readonly<Record<QuestionDifference['across'], string>> = {
  prompt: 'asked in other words (prompt_sha256 differs)',
  document: 'asked about another document (document_hash differs)',
  target: 'asked with another expected answer (target_hash differs)',
};

/** Whether both values are known, and are not the same: null agrees with anything. */
export function differ<Value>(a: Value | null, b: Value | null): boolean {
  return a !== null && b !== null && a !== b;
}

/**
 * The first difference between two outcomes of an item that makes them answers to two questions; null where there is
 * none, allowed ones aside. Words that follow from another rendering, or from an allowed few-shot count or chat template,
 * are no difference of their own.
 */
export function questionDifference(
  a: Asked,
  b: Asked,
  across: readonly Across[],
): QuestionDifference | null {
  for (const { across: name, field } of questionFields) {
    const [first, second] = [a[field], b[field]];
    if (first === null || second === null || first === second) continue;
    if (across.includes(name) || (name === 'prompt' && isRephrased(a, b, across))) continue;
    return { across: name, values: [first, second] };
  }
  return null;
}

/** Whether two ways of asking may use other words for one question. */
export function isRephrased(
  a: Omit<Asked, 'promptSha256' | 'documentHash' | 'targetHash'>,
  b: Omit<Asked, 'promptSha256' | 'documentHash' | 'targetHash'>,
  across: readonly Across[],
): boolean {
  return (
    differ(a.render, b.render) ||
    (across.includes('few-shot') && differ(a.fewShot, b.fewShot)) ||
    (across.includes('chat-template') && differ(a.chatTemplate, b.chatTemplate))
  );
}
