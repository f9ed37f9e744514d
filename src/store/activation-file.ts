import { stat } from 'node:fs/promises';
import { UserError } from '../error/index.ts';
import {
  readColumns,
  readFloat32,
  readSafetensorsHeader,
  type SafetensorsFile,
  type TensorInfo,
  toFloat32,
} from '../safetensors/index.ts';
import { headWidths } from './activation-layout.ts';
import { parseRowNames } from './row-names.ts';

/** A finished activations file, read layer by layer. */
export type ActivationFile = {
  readonly path: string;
  /** Item ids in row order. */
  readonly items: readonly string[];
  readonly layers: readonly number[];
  readonly hidden: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** The states of one layer under one pooling, (items, hidden) row-major. */
  states(pool: 'last' | 'mean', layer: number): Promise<Float32Array>;
  /** Next-token features (items, 4): entropy in nats, the three largest probabilities. */
  output(): Promise<Float32Array>;
  /** (items, 16): ids of the eight likeliest next tokens, then their probabilities; null where the file lacks them. */
  nextTokens(): Promise<Float32Array | null>;
  /**
   * (items, 4), over the question's own tokens: mean and smallest log-likelihood, mean and largest entropy, nats; null
   * where the file lacks them.
   */
  likelihood(): Promise<Float32Array | null>;
};

/** Opens an activations file; null where there is none. */
export async function openActivationFile(path: string): Promise<ActivationFile | null> {
  if (!(await exists(path))) return null;
  const file = await readSafetensorsHeader(path);
  const { items, layers } = parseRowNames(file);
  const hidden = file.tensors.get('last')?.shape[2] ?? file.tensors.get('mean')?.shape[2] ?? 0;
  return {
    path,
    items,
    layers,
    hidden,
    metadata: file.metadata,
    tensors: file.tensors,
    states: async (pool, layer) => {
      const tensor = tensorOf(file, pool, [items.length, layers.length, hidden]);
      const index = layers.indexOf(layer);
      if (index < 0) throw new UserError(`activations: layer ${layer} is not kept in ${path}`);
      return await readLayer(tensor, index);
    },
    output: async () => await readHead(file, 'output', items.length),
    nextTokens: async () => await readHeadIfThere(file, 'nextTokens', items.length),
    likelihood: async () => await readHeadIfThere(file, 'likelihood', items.length),
  };
}

async function readHead(
  file: SafetensorsFile,
  pool: keyof typeof headWidths,
  rows: number,
): Promise<Float32Array> {
  return await readFloat32(tensorOf(file, pool, [rows, headWidths[pool]]));
}

async function readHeadIfThere(
  file: SafetensorsFile,
  pool: keyof typeof headWidths,
  rows: number,
): Promise<Float32Array | null> {
  return file.tensors.has(pool) ? await readHead(file, pool, rows) : null;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function tensorOf(file: SafetensorsFile, name: string, shape: readonly number[]): TensorInfo {
  const tensor = file.tensors.get(name);
  if (tensor === undefined || tensor.shape.join() !== shape.join()) {
    const found = tensor === undefined ? 'none' : `[${tensor.shape.join(', ')}]`;
    throw new UserError(
      `activations: expected tensor \`${name}\` of shape [${shape.join(', ')}], got ${found} in ${file.file}; delete the file and extract again`,
    );
  }
  return tensor;
}

async function readLayer(tensor: TensorInfo, index: number): Promise<Float32Array> {
  const [rows = 0, layers = 0] = tensor.shape;
  const length = rows === 0 ? 0 : tensor.byteLength / (rows * layers);
  const bytes = await readColumns(tensor, { offset: index * length, length });
  const states = toFloat32(bytes, tensor.dtype);
  if (states !== null) return states;
  throw new UserError(`activations: cannot read ${tensor.dtype} states in ${tensor.file}`);
}
