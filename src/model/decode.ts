import { GraphBuilder, type Value } from '../graph/index.ts';
import { cacheNames } from './blocks/cache-outputs.ts';
import { decodeAttention, type DecodeInputs, type DecodeMasks } from './blocks/decode-attention.ts';
import { embed, rotationInputs } from './blocks/frame.ts';
import { layer } from './blocks/layer.ts';
import { norm } from './blocks/norm.ts';
import { givenWeights } from './int8.ts';
import type { ModelSpec } from './model-spec.ts';
import { declareNext, NEXT_VALUES, type NextTokens } from './next-tokens.ts';
import type { ModelGraph } from './prefill.ts';
import type { Tensors } from './weights.ts';

/** Added to the score of what must not be seen: its weight is exactly 0 after the softmax, and no sum overflows. */
const HIDDEN_SCORE = -1e30;

/** Names of the inputs that hold layer `i`'s sampled suffixes, (rows, keyValueHeads, suffix, headDim). */
export function suffixNames(i: number): { readonly key: string; readonly value: string } {
  return { key: `suffix.key.${i}`, value: `suffix.value.${i}` };
}

/** Names of the outputs that hold layer `i`'s key and value of the new token, (rows, keyValueHeads, 1, headDim). */
export function newNames(i: number): { readonly key: string; readonly value: string } {
  return { key: `new.key.${i}`, value: `new.value.${i}` };
}

/**
 * One token further for every row. Inputs, besides the rope tables and the caches of `cacheNames` (one a prompt) and
 * `suffixNames` (one a row): `ids` and `positions` int64 (1, rows) of the new tokens, `promptOfRow` int64 (rows),
 * `slotOfRow` int64 (rows) and `rowOfSlot` int64 (prompts, slots) as in decode-attention, `promptLengths` int64
 * (prompts). A suffix slot is seen while it lies before the row's position. Outputs `next` of `declareNext`
 * and `newNames`.
 */
export function buildDecode(spec: ModelSpec, tensors: Tensors, next: NextTokens): ModelGraph {
  const graph = new GraphBuilder('decode');
  const context = { graph, tensors };
  const ids = graph.input('ids', 'int64', [1, 'rows']);
  const positions = graph.input('positions', 'int64', [1, 'rows']);
  const inputs: DecodeInputs = {
    rotation: rotationInputs(context, spec, positions),
    slotOfRow: graph.input('slotOfRow', 'int64', ['rows']),
    rowOfSlot: graph.input('rowOfSlot', 'int64', ['prompts', 'slots']),
    masks: decodeMasks(graph, positions),
  };
  const outputs: string[] = [NEXT_VALUES];
  let states = embed(context, spec, { ids, positions });
  for (const [i, layerSpec] of spec.layers.entries()) {
    const { keyValueHeads, headDim } = layerSpec.attention;
    const cacheInput = (name: string, rows: string, tokens: string): Value =>
      graph.input(name, 'float32', [rows, keyValueHeads, tokens, headDim]);
    const cache = {
      promptKey: cacheInput(cacheNames(i).key, 'prompts', 'promptTokens'),
      promptValue: cacheInput(cacheNames(i).value, 'prompts', 'promptTokens'),
      suffixKey: cacheInput(suffixNames(i).key, 'rows', 'suffixTokens'),
      suffixValue: cacheInput(suffixNames(i).value, 'rows', 'suffixTokens'),
    };
    states = layer(context, states, {
      spec: layerSpec,
      attend: (x) => {
        const attention = decodeAttention(context, x, { spec: layerSpec.attention, inputs, cache });
        const shape = ['rows', keyValueHeads, 1, headDim];
        graph.output(newNames(i).key, attention.key, shape);
        graph.output(newNames(i).value, attention.value, shape);
        return attention.output;
      },
    });
    outputs.push(newNames(i).key, newNames(i).value);
  }
  const rows = graph.op('Squeeze', [norm(context, states, spec.finalNorm), graph.ints(0)]);
  declareNext(context, spec, { normed: rows, next });
  return { model: graph.build(), outputs, given: givenWeights(graph, spec.layers) };
}

/** Masks from positions alone, one pair for each window. */
function decodeMasks(graph: GraphBuilder, positions: Value): DecodeInputs['masks'] {
  const lengths = graph.input('promptLengths', 'int64', ['prompts']);
  const promptOfRow = graph.input('promptOfRow', 'int64', ['rows']);
  const slotPositions = graph.input('slotPositions', 'int64', ['prompts', 'slots']);
  const promptIndex = graph.input('promptIndex', 'int64', ['promptTokens']);
  const suffixIndex = graph.input('suffixIndex', 'int64', ['suffixTokens']);
  const ofRow = graph.op('Gather', [lengths, promptOfRow]);
  const suffixPositions = graph.op('Add', [
    graph.op('Unsqueeze', [ofRow, graph.ints(1)]),
    graph.op('Unsqueeze', [suffixIndex, graph.ints(0)]),
  ]);
  const rowPositions = graph.op('Squeeze', [positions, graph.ints(0)]);
  const queryOfRow = graph.op('Unsqueeze', [rowPositions, graph.ints(1)]);
  const additive = (seen: Value, axes: readonly number[]): Value => {
    const mask = graph.op('Where', [seen, graph.number(0), graph.number(HIDDEN_SCORE)]);
    return graph.op('Unsqueeze', [mask, graph.ints(...axes)]);
  };
  const inWindow = (key: Value, query: Value, window: number): Value => {
    const width = graph.index(window);
    return graph.op('Greater', [key, graph.op('Sub', [query, width])]);
  };
  const make = (window: number | null): DecodeMasks => {
    const promptKeys = graph.op('Unsqueeze', [promptIndex, graph.ints(0, 1)]);
    const lengthsApart = graph.op('Unsqueeze', [lengths, graph.ints(1, 2)]);
    const inside = graph.op('Less', [promptKeys, lengthsApart]);
    const before = graph.op('Less', [suffixPositions, queryOfRow]);
    if (window === null) {
      return { prompt: additive(inside, [1, 3]), suffix: additive(before, [1, 2]) };
    }
    const queryOfSlot = graph.op('Unsqueeze', [slotPositions, graph.ints(2)]);
    const promptSeen = graph.op('And', [inside, inWindow(promptKeys, queryOfSlot, window)]);
    const suffixSeen = graph.op('And', [before, inWindow(suffixPositions, queryOfRow, window)]);
    return { prompt: additive(promptSeen, [1, 3]), suffix: additive(suffixSeen, [1, 2]) };
  };
  const made = new Map<number | null, DecodeMasks>();
  return (window) => {
    const masks = made.get(window) ?? make(window);
    made.set(window, masks);
    return masks;
  };
}
