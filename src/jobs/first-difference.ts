/** The first of the questions that are kept apart, with what is different: both values, so that anybody can look. */
import type { Across } from '../outcomes/index.ts';
import type { JobContext } from './progress.ts';

export type FirstDifference = {
  readonly item: string;
  /** What `--across` calls it. */
  readonly across: Across;
  readonly values: readonly [string, string];
};

/** Of a hash, so many digits are shown where they tell the two apart. */
const shownDigits = 12;

/** Both values, and the option that joins across the difference. */
export function describeFirst({ item, across, values }: FirstDifference): string {
  const [a, b] = values;
  const isShort = a.slice(0, shownDigits) !== b.slice(0, shownDigits);
  const [left, right] = values.map((value) =>
    isShort && value.length > shownDigits ? `${value.slice(0, shownDigits)}…` : value,
  );
  return `first: item \`${item}\`, \`${left ?? ''}\` and \`${right ?? ''}\`; --across ${across} joins them`;
}

/** Says which differences do not keep outcomes apart here. */
export function noteAcross(across: readonly Across[], { note }: JobContext): void {
  if (across.length === 0) return;
  note(`--across ${across.join(',')}: outcomes that differ in these are joined`);
}
