import {
  innerWidth,
  type LinearSpec,
  layerLinears,
  type MlpSpec,
  type ModelSpec,
} from '../model/index.ts';
import { rowsAtOnce } from './run-head.ts';

/** Resident memory of Node with the runtime and a tokenizer before any model is there. */
export const PROCESS_BYTES = 150e6;
/** What a batch takes above the values that a block needs at once: the runtime's arena and scratch of its products. */
const ARENA_FACTOR = 2.75;
/** The same without an arena. Measured on 7B shapes with 256 to 4,096 tokens: 0.5 to 1.1. */
const STREAMED_FACTOR = 1.1;
/** What a run of the head takes, as a multiple of its logits: what is made of them, and the arena. Measured: 4.5 to 5. */
const HEAD_FACTOR = 5;
/** A matrix in float32 while it is used, and the one before it that is not given back yet. */
const MATRICES_AT_ONCE = 2;
/** Weights in int8 as they were made, and as the runtime packs them. */
const INT8_COPIES = 2;
/** Shares of inputs and whole numbers made of them, beside the inputs. */
const INT8_INPUTS = 1.25;
/** Logits of a slice of the head that a run makes at most (`sliced-head.ts`), and what is made of them. */
const SLICED_LOGIT_BYTES = 6 * 2 ** 24;

/** Bytes that a whole model's weights take in memory once it is loaded, those of embeddings as they are stored. */
export function residentWeightBytes(spec: ModelSpec): number {
  const embedding = 2 * spec.hidden * spec.vocabulary;
  return embedding + bytesOf([...spec.layers.flatMap(layerLinears), spec.head], 1);
}

/** Peak memory of a pass with all weights in memory and all pools, in bytes. */
export function residentPassBytes(spec: ModelSpec, batchTokens: number): number {
  const logits = Math.min(rowsAtOnce(spec.vocabulary), batchTokens) * spec.vocabulary;
  const batch = ARENA_FACTOR * valuesPerToken(spec) * batchTokens;
  return Math.round(PROCESS_BYTES + loadedBytes(spec) + 4 * (batch + HEAD_FACTOR * logits));
}

/** The same where answers are sampled, without their caches and logits: a graph reads prompts, another one goes on. */
export function sampledPassBytes(spec: ModelSpec, batchTokens: number): number {
  const batch = ARENA_FACTOR * valuesPerToken(spec) * batchTokens;
  return Math.round(PROCESS_BYTES + 2 * loadedBytes(spec) + 4 * batch);
}

/** All weights as a graph that runs them holds them. */
function loadedBytes(spec: ModelSpec): number {
  const blocks = spec.layers.flatMap(layerLinears);
  // Of the embedding, pages of the file as prompts touch them; in int8 it is read and handed over.
  const copies = blocks.some(({ precision }) => precision === 'int8') ? INT8_COPIES : 1;
  const embedding = 2 * spec.hidden * spec.vocabulary * copies;
  return embedding + bytesOf(blocks, INT8_COPIES) + bytesOf([spec.head], 1);
}

/** The same layer by layer, without the states that wait between two layers. */
export function streamedPassBytes(
  spec: ModelSpec,
  { batchTokens, headBytes }: { readonly batchTokens: number; readonly headBytes: number },
): number {
  const layers = spec.layers.map((layer) => {
    const linears = layerLinears(layer);
    const floats = linears.filter(({ precision }) => precision === undefined);
    const int8 = linears.filter(({ precision }) => precision === 'int8');
    return bytesOf(int8, INT8_COPIES) + MATRICES_AT_ONCE * Math.max(0, ...floats.map(sizeOf));
  });
  const head = Math.min(sizeOf(spec.head), headBytes);
  // No more logits than the vocabulary has for the tokens that are looked at together.
  const logits = Math.min(SLICED_LOGIT_BYTES, 24 * spec.vocabulary * batchTokens);
  const batch = 4 * STREAMED_FACTOR * valuesPerToken(spec) * batchTokens;
  return Math.round(PROCESS_BYTES + Math.max(...layers, head + logits) + batch);
}

/** Keys and values of a token, all layers. */
export function cacheBytesPerToken({ layers }: ModelSpec): number {
  const values = layers.reduce(
    (sum, { attention }) => sum + 2 * attention.keyValueHeads * attention.headDim,
    0,
  );
  return 4 * values;
}

function bytesOf(linears: readonly LinearSpec[], int8Copies: number): number {
  return linears.reduce(
    (sum, linear) => sum + sizeOf(linear) * (linear.precision === 'int8' ? int8Copies : 1),
    0,
  );
}

function sizeOf({ inputs, outputs, precision }: LinearSpec): number {
  return inputs * outputs * (precision === 'int8' ? 1 : 4);
}

/** Values that a block needs at once of a token, most of all blocks. */
function valuesPerToken({ layers, hidden }: ModelSpec): number {
  return Math.max(
    0,
    ...layers.map((layer) => {
      const { attention, mlp } = layer;
      const isInt8 = layerLinears(layer).some(({ precision }) => precision === 'int8');
      return (
        4 * hidden +
        (3 + (isInt8 ? INT8_INPUTS : 0)) * innerWidth(mlp) +
        copiesOf(mlp) * hidden +
        2 * attention.headDim * (attention.heads + 2 * attention.keyValueHeads)
      );
    }),
  );
}

/** States of a token that a mixture holds besides: what goes into its experts, comes out, and is put in order. */
function copiesOf(mlp: MlpSpec): number {
  return mlp.kind === 'experts' ? 3 * mlp.chosen : 0;
}
