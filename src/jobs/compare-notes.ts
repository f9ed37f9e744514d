import { UserError } from '../error/index.ts';
import { describeFirst, type FirstDifference } from './first-difference.ts';
import type { JobContext } from './progress.ts';

/** A task, or items of one, that a comparison does without. */
export type ComparisonExclusion = {
  readonly suite: string;
  readonly task: string;
  /** How many items are left out; null: the whole task. */
  readonly items: number | null;
  readonly reason: string;
  /** Only where questions differ. */
  readonly first?: FirstDifference;
};

const mostShown = 3;

/** One sentence a reason: a hundred tasks may be left out for the same one. */
export function noteComparisonExclusions(
  exclusions: readonly ComparisonExclusion[],
  { note }: JobContext,
): void {
  for (const sentence of describeExclusions(exclusions)) note(`left out: ${sentence}`);
}

/** Where nothing is left to compare: says why, reason by reason. */
export function nothingShared(
  [a, b]: readonly [string, string],
  exclusions: readonly ComparisonExclusion[],
  unpaired: boolean,
): UserError {
  const sentences = describeExclusions(exclusions);
  const more = sentences.length > mostShown ? `; and ${sentences.length - mostShown} more` : '';
  const why = sentences.length === 0 ? '' : ` (${sentences.slice(0, mostShown).join('; ')}${more})`;
  const [expected, advice] = unpaired
    ? ['of the same task', '']
    : ['of the same questions', ', --unpaired compares whichever questions each was asked'];
  return new UserError(
    `\`${a}\` and \`${b}\`: expected outcomes ${expected} at both, found none${why}; sonde status shows what was measured${advice}`,
  );
}

function describeExclusions(exclusions: readonly ComparisonExclusion[]): string[] {
  const byReason = new Map<string, ComparisonExclusion[]>();
  for (const exclusion of exclusions) {
    const key = JSON.stringify([exclusion.reason, exclusion.items === null]);
    const group = byReason.get(key);
    if (group === undefined) byReason.set(key, [exclusion]);
    else group.push(exclusion);
  }
  return [...byReason.values()].map(describeGroup);
}

function describeGroup(group: readonly ComparisonExclusion[]): string {
  const names = group.slice(0, mostShown).map(({ suite, task }) => `\`${task}\` of \`${suite}\``);
  const more = group.length > mostShown ? ` and ${group.length - mostShown} more` : '';
  const tasks = `task${group.length === 1 ? '' : 's'} ${names.join(', ')}${more}`;
  const items = group.reduce((sum, one) => sum + (one.items ?? 0), 0);
  const what = items === 0 ? tasks : `${items} item${items === 1 ? '' : 's'} of ${tasks}`;
  const first = group.find((one) => one.first !== undefined)?.first;
  const example = first === undefined ? '' : ` (${describeFirst(first)})`;
  return `${what}: ${group[0]?.reason ?? ''}${example}`;
}
