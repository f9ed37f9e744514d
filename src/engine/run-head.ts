import { float32, int64, type Session, type Tensor } from '../graph/index.ts';
import { buildHead, HEAD_OUTPUTS, NEXT_TOKENS } from '../model/index.ts';
import type { HeadValues } from './head-values.ts';
import type { LoadedModel } from './loaded-model.ts';
import { runSlicedHead } from './sliced-head.ts';

/**
 * Logits that one run of the head may make, in bytes: with 100,000 tokens those of 80 places, enough to keep its product
 * busy. What is made of them takes a few times as much.
 */
const LOGIT_BYTES = 2 ** 25;

/** Made before the blocks' session: what loading takes for a moment is then free again for batches. */
export function headSession(model: LoadedModel): Promise<Session> {
  return model.session('head', () => buildHead(model.spec, model.tensors));
}

/**
 * The head on normed states (rows, hidden), some rows at a time, so that logits of many tokens are never in memory at
 * once. `next` is the token that follows each of them; any where none does.
 */
export async function runHead(
  model: LoadedModel,
  states: Float32Array,
  next: Int32Array,
): Promise<HeadValues> {
  if (model.streaming !== null) return await runSlicedHead(model, states, next);
  const { hidden, vocabulary } = model.spec;
  const session = await headSession(model);
  const kept = Math.min(NEXT_TOKENS, vocabulary);
  const values: HeadValues = {
    entropy: new Float32Array(next.length),
    logLikelihood: new Float32Array(next.length),
    kept,
    tokens: new Int32Array(next.length * kept),
    probabilities: new Float32Array(next.length * kept),
  };
  const most = rowsAtOnce(vocabulary);
  for (let start = 0; start < next.length; start += most) {
    const rows = Math.min(most, next.length - start);
    const feeds = {
      states: float32(states.subarray(start * hidden, (start + rows) * hidden), [rows, hidden]),
      next: int64(next.subarray(start, start + rows), [rows, 1]),
    };
    const outputs = await session.run(feeds, HEAD_OUTPUTS);
    values.entropy.set(numbers(outputs['entropy']), start);
    values.logLikelihood.set(numbers(outputs['logLikelihood']), start);
    values.tokens.set(numbers(outputs['tokens']), start * kept);
    values.probabilities.set(numbers(outputs['probabilities']), start * kept);
  }
  return values;
}

/** Tokens whose logits fit into `LOGIT_BYTES`, at least one. */
export function rowsAtOnce(vocabulary: number): number {
  return Math.max(1, Math.floor(LOGIT_BYTES / (4 * vocabulary)));
}

function numbers(tensor: Tensor | undefined): Float32Array | Int32Array {
  const data = tensor?.data;
  if (data instanceof Float32Array || data instanceof Int32Array) return data;
  throw new Error('engine: the head gave neither float32 nor int32');
}
