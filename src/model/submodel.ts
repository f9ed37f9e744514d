/**
 * One block of a model out of operations that can be differentiated, with weights that the caller supplies: what a probe
 * needs that runs the first blocks of a checkpoint with a learned difference to their weights.
 */
import type { Checkpoint } from '../checkpoint/index.ts';
import {
  add,
  concat,
  float32,
  linear,
  multiply,
  product,
  reshape,
  rmsNorm,
  scale,
  type Shape,
  sigmoid,
  slice,
  softmax,
  subtract,
  type Tensor,
  type Traced,
  transpose,
} from '../graph/index.ts';
import { readFloat32 } from '../safetensors/index.ts';
import type { AttentionSpec, LayerSpec, LinearSpec, ModelSpec, NormSpec } from './model-spec.ts';
import { type RopeSpec, ropeTable } from './rope.ts';
import { checkRequired, layerTensors, normTensors, type Requirement } from './weights.ts';

/** What block m of a model computes: states at layer m from those at layer m − 1. */
export type SubmodelBlock = {
  readonly layer: LayerSpec;
  readonly rope: RopeSpec;
  /** The model's final norm, which the states of its last layer have passed; null below it. */
  readonly finalNorm: NormSpec | null;
  /** Its weights: names in the checkpoint and shapes. */
  readonly weights: readonly Requirement[];
  /** Blocks of one model with equal keys share their frames. */
  readonly frameKey: string;
};

/** Values of a block's weights, by name. */
export type BlockWeights<Value> = ReadonlyMap<string, Value>;

/** What a block needs besides states and weights. */
export type Frame<Value> = {
  /** (sequence, headDim / 2), positions from 0. */
  readonly cos: Value;
  readonly sin: Value;
  /** (sequence, sequence): 0 where a token (row) sees another (column), far below every score elsewhere. */
  readonly mask: Value;
};
export type FrameTensors = Frame<Tensor>;
export type BlockFrame = Frame<Traced>;

/** Below every score, and still finite with one added. */
const hidden = -1e9;

/** Block `m` of the model, from 1 to the number of blocks. */
export function blockOf(spec: ModelSpec, m: number): SubmodelBlock {
  const layer = spec.layers[m - 1];
  if (layer === undefined) {
    throw new Error(`submodel: no block ${m} in a model of ${spec.layers.length}`);
  }
  const { rope: index, window } = layer.attention;
  const rope = spec.ropes[index];
  if (rope === undefined) throw new Error(`model: no table of rotation ${index}`);
  const finalNorm = m === spec.layers.length ? spec.finalNorm : null;
  return {
    layer,
    rope,
    finalNorm,
    weights: [...layerTensors(layer), ...(finalNorm === null ? [] : normTensors(finalNorm))],
    frameKey: `${index}:${window ?? 'all'}`,
  };
}

/**
 * The frame of sequences of that length whose first token has position 0. Padding belongs on the right: no token sees it,
 * and states of padding are finite and mean nothing.
 */
export function frameTensors({ layer, rope }: SubmodelBlock, sequence: number): FrameTensors {
  const { cos, sin } = ropeTable(rope, sequence);
  const window = layer.attention.window ?? sequence;
  const mask = new Float32Array(sequence * sequence).fill(hidden);
  for (let query = 0; query < sequence; query += 1) {
    const row = query * sequence;
    mask.fill(0, row + Math.max(0, query - window + 1), row + query + 1);
  }
  return {
    cos: float32(cos, [sequence, rope.dim / 2]),
    sin: float32(sin, [sequence, rope.dim / 2]),
    mask: float32(mask, [sequence, sequence]),
  };
}

/**
 * The block's weights from the checkpoint's files, as float32.
 *
 * @throws UserError where one is missing, has another shape, or a type that is not a weight's.
 */
export async function loadBlockWeights(
  { id, tensors }: Pick<Checkpoint, 'id' | 'tensors'>,
  { weights }: SubmodelBlock,
): Promise<BlockWeights<Float32Array>> {
  checkRequired(weights, tensors, id);
  const loaded = new Map<string, Float32Array>();
  for (const { name } of weights) {
    const tensor = tensors.get(name);
    if (tensor !== undefined) loaded.set(name, await readFloat32(tensor));
  }
  return loaded;
}

type Added = {
  readonly block: SubmodelBlock;
  readonly weights: BlockWeights<Traced>;
  readonly frame: BlockFrame;
};

/** Adds the block to the tape: states (batch, sequence, hidden) after it, from those before it. */
export function addBlock(x: Traced, added: Added): Traced {
  const { layer, finalNorm } = added.block;
  const { weights } = added;
  const attended = attention(normed(x, layer.attentionNorm, weights), added);
  const middle = add(x, normed(attended, layer.attentionOutputNorm, weights));
  const fed = mlp(normed(middle, layer.mlpNorm, weights), added);
  return normed(add(middle, normed(fed, layer.mlpOutputNorm, weights)), finalNorm, weights);
}

/** down(silu(gate(x)) · up(x)), silu(x) = x · sigmoid(x). */
function mlp(x: Traced, { block, weights }: Added): Traced {
  const { gate, up, down } = block.layer.mlp;
  const gated = projected(x, gate, weights);
  const silu = multiply(gated, sigmoid(gated));
  return projected(multiply(silu, projected(x, up, weights)), down, weights);
}

/** Sizes: B rows, S tokens, K key heads, Q query heads of a key head, D values a head. */
function attention(x: Traced, { block, weights, frame }: Added): Traced {
  const spec = block.layer.attention;
  const [rows, tokens] = [x.shape[0]!, x.shape[1]!];
  const [keyHeads, group, width] = [
    spec.keyValueHeads,
    spec.heads / spec.keyValueHeads,
    spec.headDim,
  ];
  const query = rotated(
    heads(x, { linear: spec.query, norm: spec.queryNorm, weights, spec }),
    frame,
  );
  const key = rotated(heads(x, { linear: spec.key, norm: spec.keyNorm, weights, spec }), frame);
  const value = heads(x, { linear: spec.value, norm: null, weights, spec });
  // Query heads of one key head stand in a row: (B, K, Q · S, D) meets each key head once.
  const queries = reshape(query, [rows, keyHeads, group * tokens, width]);
  const scores = scale(product(queries, key, { b: true }), spec.scale);
  const apart: Shape = [rows, keyHeads, group, tokens, tokens];
  const seen = softmax(add(reshape(scores, apart), frame.mask), apart.length - 1);
  const mixed = product(reshape(seen, [rows, keyHeads, group * tokens, tokens]), value);
  const perHead = reshape(mixed, [rows, spec.heads, tokens, width]);
  const joined = reshape(transpose(perHead, [0, 2, 1, 3]), [rows, tokens, spec.heads * width]);
  return projected(joined, spec.output, weights);
}

type Projection = {
  readonly linear: LinearSpec;
  readonly norm: NormSpec | null;
  readonly weights: BlockWeights<Traced>;
  readonly spec: AttentionSpec;
};

/** (B, heads, S, D), normed over all heads at once or over each: the norm's size says which. */
function heads(x: Traced, { linear: projection, norm, weights, spec }: Projection): Traced {
  const [rows, tokens] = [x.shape[0]!, x.shape[1]!];
  const flat = projected(x, projection, weights);
  const isWide = norm?.size === projection.outputs;
  const apart = reshape(isWide ? normed(flat, norm, weights) : flat, [
    rows,
    tokens,
    projection.outputs / spec.headDim,
    spec.headDim,
  ]);
  return transpose(isWide ? apart : normed(apart, norm, weights), [0, 2, 1, 3]);
}

/** Half-split rotation of (B, heads, S, D): (a, b) → (a cos − b sin, b cos + a sin). */
function rotated(x: Traced, { cos, sin }: BlockFrame): Traced {
  const [axis, width] = [x.shape.length - 1, x.shape.at(-1)!];
  const a = slice(x, { axis, from: 0, to: width / 2 });
  const b = slice(x, { axis, from: width / 2, to: width });
  const left = subtract(multiply(a, cos), multiply(b, sin));
  return concat([left, add(multiply(b, cos), multiply(a, sin))], axis);
}

function projected(x: Traced, spec: LinearSpec, weights: BlockWeights<Traced>): Traced {
  const weight = weightOf(weights, spec.weight);
  return spec.bias === null
    ? product(x, weight, { b: true })
    : linear(x, weight, weightOf(weights, spec.bias));
}

function normed(x: Traced, spec: NormSpec | null, weights: BlockWeights<Traced>): Traced {
  return spec === null ? x : rmsNorm(x, weightOf(weights, spec.weight), spec.epsilon);
}

function weightOf(weights: BlockWeights<Traced>, name: string): Traced {
  const weight = weights.get(name);
  if (weight === undefined) throw new Error(`submodel: no value of weight \`${name}\``);
  return weight;
}
