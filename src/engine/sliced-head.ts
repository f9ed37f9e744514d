import { float32, int64, type Session, type Tensor } from '../graph/index.ts';
import {
  buildHeadSlice,
  HEAD_SLICE_OUTPUTS,
  NEXT_TOKENS,
  type VocabularySlice,
} from '../model/index.ts';
import type { HeadValues } from './head-values.ts';
import type { LoadedModel } from './loaded-model.ts';

/** Less than one matrix of a large layer takes, and few runs for any head. */
const DEFAULT_SLICE_BYTES = 2 ** 27;

/** Logits of a slice that one run may make, in bytes. */
const LOGIT_BYTES = 2 ** 24;

/** What is known of a row after some slices, relative to its largest logit so far. */
type Row = {
  most: number;
  /** Of exp(logit − most). */
  sum: number;
  /** Of exp(logit − most) · (logit − most). */
  weighted: number;
  next: number;
  /** The likeliest tokens, the likeliest first, with their logits. */
  largest: { readonly token: number; readonly logit: number }[];
};

/**
 * As `runHead`, with a slice of the vocabulary in memory at a time: a head of 100,000 tokens and 4,096 values a token takes
 * 1.6 GB in float32.
 */
export async function runSlicedHead(
  model: LoadedModel,
  states: Float32Array,
  next: Int32Array,
): Promise<HeadValues> {
  const { hidden, vocabulary } = model.spec;
  const rows = Array.from(next, emptyRow);
  const sliceBytes = model.streaming?.headBytes ?? DEFAULT_SLICE_BYTES;
  const width = Math.max(1, Math.floor(sliceBytes / (4 * hidden)));
  for (let from = 0; from < vocabulary; from += width) {
    const slice = { from, to: Math.min(vocabulary, from + width) };
    await using session = await model.streamed(buildHeadSlice(model.spec, model.tensors, slice));
    await addSlice(session, rows, { states, next, slice, hidden });
  }
  return valuesOf(rows, Math.min(NEXT_TOKENS, vocabulary));
}

function emptyRow(): Row {
  return { most: Number.NEGATIVE_INFINITY, sum: 0, weighted: 0, next: Number.NaN, largest: [] };
}

type SliceWork = {
  readonly states: Float32Array;
  readonly next: Int32Array;
  readonly slice: VocabularySlice;
  readonly hidden: number;
};

/** Some rows at a time, so that logits of many tokens are never in memory at once. */
async function addSlice(
  session: Session,
  rows: readonly Row[],
  { states, next, slice, hidden }: SliceWork,
): Promise<void> {
  const size = slice.to - slice.from;
  const most = Math.max(1, Math.floor(LOGIT_BYTES / (4 * size)));
  const inside = next.map((token) => Math.min(size - 1, Math.max(0, token - slice.from)));
  for (let start = 0; start < rows.length; start += most) {
    const count = Math.min(most, rows.length - start);
    const outputs = await session.run(
      {
        states: float32(states.subarray(start * hidden, (start + count) * hidden), [count, hidden]),
        next: int64(inside.subarray(start, start + count), [count, 1]),
      },
      HEAD_SLICE_OUTPUTS,
    );
    for (let i = 0; i < count; i += 1) {
      const token = next[start + i]!;
      const isHere = token >= slice.from && token < slice.to;
      addToRow(rows[start + i]!, outputs, { row: i, from: slice.from, isHere });
    }
  }
}

function addToRow(
  row: Row,
  outputs: Readonly<Record<string, Tensor>>,
  {
    row: i,
    from,
    isHere,
  }: { readonly row: number; readonly from: number; readonly isHere: boolean },
): void {
  const value = (name: (typeof HEAD_SLICE_OUTPUTS)[number]): number => numbers(outputs[name])[i]!;
  const part = { most: value('most'), sum: value('sum'), weighted: value('weighted') };
  const most = Math.max(row.most, part.most);
  const [own, added] = [relativeTo(most, row), relativeTo(most, part)];
  row.most = most;
  row.sum = own.sum + added.sum;
  row.weighted = own.weighted + added.weighted;
  if (isHere) row.next = value('nextLogit');
  const tokens = numbers(outputs['tokens']);
  const kept = tokens.length / numbers(outputs['most']).length;
  const largest = numbers(outputs['largest']);
  for (let k = i * kept; k < (i + 1) * kept; k += 1) {
    row.largest.push({ token: from + tokens[k]!, logit: largest[k]! });
  }
  // Equal ones stay in the order of tokens, as in a head that is whole.
  row.largest.sort((a, b) => b.logit - a.logit).splice(NEXT_TOKENS);
}

/** Sums over logits that were taken relative to another largest one. NaN goes through. */
function relativeTo(
  most: number,
  part: Pick<Row, 'most' | 'sum' | 'weighted'>,
): Pick<Row, 'sum' | 'weighted'> {
  if (part.most === Number.NEGATIVE_INFINITY) return { sum: 0, weighted: 0 };
  const shift = part.most - most;
  const factor = Math.exp(shift);
  return { sum: part.sum * factor, weighted: factor * (part.weighted + shift * part.sum) };
}

function valuesOf(rows: readonly Row[], kept: number): HeadValues {
  const logTotals = rows.map(({ most, sum }) => most + Math.log(sum));
  return {
    entropy: Float32Array.from(rows, ({ sum, weighted }) => Math.log(sum) - weighted / sum),
    logLikelihood: Float32Array.from(rows, ({ next }, i) => next - logTotals[i]!),
    kept,
    tokens: Int32Array.from(rows.flatMap(({ largest }) => largest.map(({ token }) => token))),
    probabilities: Float32Array.from(
      rows.flatMap(({ largest }, i) => largest.map(({ logit }) => Math.exp(logit - logTotals[i]!))),
    ),
  };
}

function numbers(tensor: Tensor | undefined): Float32Array | Int32Array {
  const data = tensor?.data;
  if (data instanceof Float32Array || data instanceof Int32Array) return data;
  throw new Error('engine: the head gave neither float32 nor int32');
}
