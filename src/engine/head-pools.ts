/** What is kept of the output head for each prompt: of what may follow it, and of how likely its own tokens are. */
import { UserError } from '../error/index.ts';
import { NEXT_TOKENS } from '../model/index.ts';
import { mean } from '../stats/index.ts';
import type { Limits } from './check-prompts.ts';
import type { HeadValues } from './head-values.ts';
import type { HeadPool, PooledBatch } from './provider.ts';

/** Most tokens of a prompt whose likelihood is looked at: its last ones. Bounds what goes through the head. */
export const MOST_OWN_TOKENS = 64;

/** Widths of a prompt's row. */
export const HEAD_WIDTHS: Readonly<Record<HeadPool, number>> = {
  output: 4,
  nextTokens: 2 * NEXT_TOKENS,
  likelihood: 4,
};

/** Whole numbers up to here are exact in float32. */
const MOST_EXACT = 2 ** 24;

/** @throws UserError where the model has more tokens than float32 can tell apart. */
export function checkTokenIds({ checkpoint, vocabulary }: Limits): void {
  if (vocabulary <= MOST_EXACT) return;
  throw new UserError(
    `\`${checkpoint}\`: expected a vocabulary of at most ${MOST_EXACT} tokens, got ${vocabulary} (\`vocab_size\`); ` +
      'the likeliest next tokens are kept as float32, which is exact up to there: such a model cannot be extracted',
  );
}

/**
 * The first token of each prompt whose likelihood counts; the prompt's length where none does. The token at position 0
 * is predicted from nothing, and no more than the last 64 tokens count.
 *
 * @throws UserError where `first` is missing.
 */
export function scoredFrom(lengths: ArrayLike<number>, first: Int32Array | undefined): Int32Array {
  if (first === undefined) {
    throw new UserError(
      '`extract`: expected `first`, the first own token of each prompt, for `likelihood`, got none',
    );
  }
  if (first.length !== lengths.length) {
    throw new Error(`extract: ${first.length} first tokens for ${lengths.length} prompts`);
  }
  return first.map((own, i) => {
    const length = lengths[i]!;
    if (own < 0 || own > length) {
      throw new Error(`extract: first token ${own} of prompt ${i}, which has ${length}`);
    }
    return Math.max(1, own, length - MOST_OWN_TOKENS);
  });
}

/**
 * A batch's rows of the pools asked for, null for the others. `values` has for each prompt its `scored` predictions of own
 * tokens, then that of what follows it.
 */
export function headPools(
  values: HeadValues,
  scored: Int32Array,
  asked: ReadonlySet<HeadPool>,
): Pick<PooledBatch, HeadPool> {
  const rowsOf = (pool: HeadPool): Float32Array | null =>
    asked.has(pool) ? new Float32Array(scored.length * HEAD_WIDTHS[pool]) : null;
  const pools = {
    output: rowsOf('output'),
    nextTokens: rowsOf('nextTokens'),
    likelihood: rowsOf('likelihood'),
  };
  let at = 0;
  for (const [row, count] of scored.entries()) {
    const last = at + count;
    pools.output?.set(outputOf(values, last), row * HEAD_WIDTHS.output);
    pools.nextTokens?.set(nextTokensOf(values, last), row * HEAD_WIDTHS.nextTokens);
    pools.likelihood?.set(likelihoodOf(values, at, last), row * HEAD_WIDTHS.likelihood);
    at = last + 1;
  }
  return pools;
}

/** Entropy and the three largest probabilities. */
function outputOf({ entropy, probabilities, kept }: HeadValues, at: number): number[] {
  const [p1 = 0, p2 = 0, p3 = 0] = probabilities.subarray(at * kept, (at + 1) * kept);
  return [entropy[at]!, p1, p2, p3];
}

/** Eight ids and eight probabilities; −1 and 0 where the vocabulary has fewer. */
function nextTokensOf({ tokens, probabilities, kept }: HeadValues, at: number): Float32Array {
  const row = new Float32Array(2 * NEXT_TOKENS).fill(-1, 0, NEXT_TOKENS);
  row.set(tokens.subarray(at * kept, (at + 1) * kept));
  row.set(probabilities.subarray(at * kept, (at + 1) * kept), NEXT_TOKENS);
  return row;
}

/** Mean and smallest log-likelihood, mean and largest entropy of rows `from` to before `to`; zeros where there are none. */
function likelihoodOf(values: HeadValues, from: number, to: number): number[] {
  const logLikelihood = values.logLikelihood.subarray(from, to);
  const entropy = values.entropy.subarray(from, to);
  return to === from
    ? [0, 0, 0, 0]
    : [mean(logLikelihood)!, Math.min(...logLikelihood), mean(entropy)!, Math.max(...entropy)];
}
