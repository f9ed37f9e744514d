import { UnusableStatesError } from '../error/index.ts';
import type { TensorData } from '../graph/index.ts';
import {
  emptyInt8Weights,
  type GivenWeights,
  int8Names,
  type Int8Weights,
  type LinearSpec,
  quantiseOutputs,
  quantiseTransposed,
} from '../model/index.ts';
import {
  readFloat32,
  readRows,
  readTensor,
  type TensorInfo,
  toFloat32,
} from '../safetensors/index.ts';
import { int8Steps } from './int8-steps.ts';

/** Read at a time of a weight's file. */
const CHUNK_BYTES = 2 ** 22;

export type WeightSource = {
  /** Names the checkpoint in messages. */
  readonly checkpoint: string;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
};

/**
 * All that a session in int8 is given. A byte a weight is held, and a few megabytes of a file at a time; embeddings, norms
 * and biases as they are stored.
 *
 * @throws UnusableStatesError where a weight is NaN or infinite: whole numbers could not say so.
 */
export async function readGivenWeights(
  { int8, stored }: GivenWeights,
  source: WeightSource,
): Promise<Map<string, TensorData>> {
  const steps = await int8Steps();
  const given = new Map<string, TensorData>();
  for (const { name } of stored) given.set(name, await readTensor(infoOf(source, name)));
  for (const linear of int8) {
    const { weights, scales } = await quantise(linear, source, steps);
    const names = int8Names(linear);
    given.set(names.weights, weights);
    given.set(names.scales, scales);
  }
  return given;
}

function infoOf({ tensors }: WeightSource, name: string): TensorInfo {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`engine: tensor \`${name}\` was not checked`);
  return tensor;
}

async function quantise(
  { weight, inputs, outputs, transposed }: LinearSpec,
  source: WeightSource,
  steps: number,
): Promise<Int8Weights> {
  const tensor = infoOf(source, weight);
  const made = emptyInt8Weights(inputs, outputs);
  if (transposed) quantiseTransposed(await readFloat32(tensor), made, steps);
  else {
    const rows = Math.max(1, Math.floor((CHUNK_BYTES * outputs) / tensor.byteLength));
    for (let first = 0; first < outputs; first += rows) {
      const bytes = await readRows(tensor, first, Math.min(rows, outputs - first));
      const values = toFloat32(bytes, tensor.dtype);
      if (values === null) throw new Error(`engine: weights of type ${tensor.dtype}`);
      quantiseOutputs(values, made, { first, steps });
    }
  }
  const wrong = made.scales.findIndex((scale) => !Number.isFinite(scale));
  if (wrong === -1) return made;
  const found = Number.isNaN(made.scales[wrong]!) ? 'NaN' : 'infinity';
  throw new UnusableStatesError(
    `\`${source.checkpoint}\`: expected finite weights, got ${found} in tensor \`${weight}\`, output ${wrong} (in ${tensor.file})`,
  );
}
