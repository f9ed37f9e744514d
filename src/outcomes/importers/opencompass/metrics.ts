/** Numbers of a results file: mostly percent, some of them losses. */
import { lossUnit, metricKind } from '../../log/metric-kind.ts';
import type { OutcomeRecord } from '../../record.ts';

export type ResultMetric = { readonly name: string; readonly value: number };

/** Numbers that are no results, as OpenCompass's own summary leaves them out. */
const noResults = new Set(['bp', 'sys_len', 'ref_len', 'type']);
const bitsPerByte = /(?:^|_)bpb$/;
const losses: readonly (readonly [RegExp, string])[] = [
  [/(?:^|_)bpc$/, 'bits per character'],
  [/(?:^|_)ppl$/, 'perplexity'],
];

/** `accuracy (8 runs average)` is `accuracy`. */
export function resultMetric(name: string, value: number): ResultMetric[] {
  const plain = name.replace(/ \(\d+ runs average\)$/, '');
  return noResults.has(plain) || !Number.isFinite(value) ? [] : [{ name: plain, value }];
}

export type Matched = {
  /** What the grades stand under. */
  readonly filter: string;
  /** The harness's own mean of them, 0…1; null where no number of the file is one. */
  readonly claim: number | null;
  /** The file's numbers are shares of 1 and no percent. */
  readonly isShare: boolean;
};

const tolerance = 1e-9;

/** Which number of a file the mean of its grades is. Where none is, an `accuracy` is held against it. */
export function matchMetric(metrics: readonly ResultMetric[], mean: number): Matched {
  const likely = [...metrics].sort((a, b) => rank(a) - rank(b));
  for (const isShare of [false, true]) {
    const share = ({ value }: ResultMetric): number => (isShare ? value : value / 100);
    const found = likely.find((metric) => Math.abs(share(metric) - mean) <= tolerance);
    if (found !== undefined) return { filter: found.name, claim: share(found), isShare };
  }
  const accuracy = metrics.find(({ name }) => name === 'accuracy');
  const claim = accuracy === undefined ? null : accuracy.value / 100;
  const isClaim = claim !== null && claim >= 0 && claim <= 1;
  return {
    filter: isClaim ? 'accuracy' : 'correct',
    claim: isClaim ? claim : null,
    isShare: false,
  };
}

/** Of several numbers that are the mean, as where all are 0, the same one is taken for every checkpoint. */
function rank({ name }: ResultMetric): number {
  if (name === 'accuracy') return 0;
  if (name === 'score') return 1;
  return metricKind(name) === 'count' ? 2 : 3;
}

/** A number as a record of the task. */
export function taskOutcome(
  { name, value }: ResultMetric,
  isShare: boolean,
): Pick<OutcomeRecord, 'filter'> & Partial<OutcomeRecord> {
  if (bitsPerByte.test(name)) {
    return { filter: name, loss: value / 100, lossUnit: 'bits per byte' };
  }
  const unit = lossUnit(name) ?? losses.find(([names]) => names.test(name))?.[1] ?? null;
  const share = isShare ? value : value / 100;
  return unit !== null || share < 0 || share > 1
    ? { filter: name, loss: value, lossUnit: unit ?? name }
    : { filter: name, kind: 'score', k: share, n: 1 };
}
