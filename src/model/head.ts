import { GraphBuilder } from '../graph/index.ts';
import { logits } from './blocks/frame.ts';
import type { ModelSpec } from './model-spec.ts';
import type { ModelGraph } from './prefill.ts';
import type { Tensors } from './weights.ts';

/** Number of likeliest next tokens that are kept; smaller vocabularies have fewer. */
export const NEXT_TOKENS = 8;

/** Names of the outputs of `buildHead`. */
export const HEAD_OUTPUTS = ['entropy', 'logLikelihood', 'tokens', 'probabilities'] as const;

/**
 * A graph of the output head alone, for tokens whose normed states are there. Inputs: `states` float32 (rows, hidden),
 * after the final norm, and `next` int64 (rows, 1), the token that follows each of them (any where none does). Outputs:
 * `entropy` (rows, 1) of the prediction, nats; `logLikelihood` (rows, 1) of `next`, nats; `tokens` int32 (rows, k) and
 * `probabilities` (rows, k), the k = min(8, vocabulary) likeliest next tokens, the likeliest first.
 */
export function buildHead(spec: ModelSpec, tensors: Tensors): ModelGraph {
  const graph = new GraphBuilder('head');
  const states = graph.input('states', 'float32', ['rows', spec.hidden]);
  const next = graph.input('next', 'int64', ['rows', 1]);
  const all = logits({ graph, tensors }, spec, states);
  const logProbabilities = graph.op('LogSoftmax', [all], { axis: -1 });
  const probabilities = graph.op('Exp', [logProbabilities]);
  const terms = graph.op('Mul', [probabilities, logProbabilities]);
  const sum = graph.op('ReduceSum', [terms, graph.ints(-1)], { keepdims: 1 });
  const logLikelihood = graph.op('GatherElements', [logProbabilities, next], { axis: 1 });
  const kept = Math.min(NEXT_TOKENS, spec.vocabulary);
  const [largest, tokens] = graph.ops('TopK', [probabilities, graph.ints(kept)], {
    outputs: 2,
    attributes: { axis: -1, largest: 1, sorted: 1 },
  });
  graph.output('entropy', graph.op('Neg', [sum]), ['rows', 1]);
  graph.output('logLikelihood', logLikelihood, ['rows', 1]);
  graph.output('tokens', graph.cast(tokens!, 'int32'), ['rows', kept]);
  graph.output('probabilities', largest!, ['rows', kept]);
  return { model: graph.build(), outputs: HEAD_OUTPUTS, given: null };
}
