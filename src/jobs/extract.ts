import type { PassLimits, Precision } from '../engine/index.ts';
import { UserError } from '../error/index.ts';
import {
  float32ToBfloat16,
  float32ToFloat16,
  readRows,
  type TensorInfo,
  type TensorSource,
  toFloat32,
  writeSafetensors,
} from '../safetensors/index.ts';
import type { ActivationDtype, ActivationFile, Store } from '../store/index.ts';
import { type ActivationRequest, type Activations, ensureActivations } from './activations.ts';
import { checkStorable } from './check-storable.ts';
import { type KnownCheckpoint, resolveCheckpoints } from './known-checkpoint.ts';
import { resolveSuite, type SuiteRequest } from './known-suite.ts';
import { type OutputFile, checkBeside, prepareOutput } from './output-file.ts';
import type { JobContext } from './progress.ts';
import {
  ensureServedActivations,
  type StateOrigin,
  type StateServerRequest,
} from './served-activations.ts';

type Pool = 'last' | 'mean' | 'output';

export type ExtractOptions = {
  /** Tensors of the file that is written. */
  readonly pools: readonly Pool[];
  readonly layers: 'all' | readonly number[];
  readonly dtype: 'f32' | 'f16' | 'bf16';
  /** What the products of the pass run on: int8 approximates the states. @default 'f32' */
  readonly precision?: Precision;
  /** The file; null: the states go into the store alone. */
  readonly out: string | null;
  /** A server that has the checkpoint; null: the checkpoint is run here. @default null */
  readonly server?: StateServerRequest | null;
};

export type ExtractReport = {
  readonly checkpoint: string;
  readonly suite: string;
  readonly items: number;
  readonly layers: readonly number[];
  readonly hidden: number;
  readonly pools: readonly Pool[];
  readonly dtype: ExtractOptions['dtype'];
  /** Null where a server gave the states. */
  readonly precision: Precision | null;
  /** The file asked for, else the one in the store. */
  readonly file: string;
  readonly bytes: number;
  /** Tokens that went through the model in this call; 0 where the store had everything. */
  readonly tokens: number;
  readonly seconds: number;
  /** The server that gave the states; null where they were computed here. */
  readonly origin: StateOrigin | null;
};

const dtypeNames = { f32: 'F32', f16: 'F16', bf16: 'BF16' } as const satisfies Record<
  ExtractOptions['dtype'],
  ActivationDtype
>;

/**
 * Hidden states of a suite's questions at one checkpoint: into the store, and into a file of the contract's layout
 * (`last` and `mean` of shape (items, layers, hidden), `output` of shape (items, 4)) where one is asked for.
 */
export async function extract(
  store: Store,
  request: SuiteRequest & { readonly checkpoint: string },
  options: ExtractOptions,
  context: JobContext,
): Promise<ExtractReport> {
  const output = options.out === null ? null : await prepareOutput('--out', options.out);
  const suite = await resolveSuite(store, request, context);
  const [checkpoint] = await resolveCheckpoints(store, [request.checkpoint], context);
  if (checkpoint === undefined) throw new UserError('extract: expected a checkpoint, got none');
  const { opened } = checkpoint;
  if (options.out !== null && opened !== null) {
    await checkBeside('--out', options.out, { what: 'the checkpoint', dir: opened.dir });
  }
  const dtype = dtypeNames[options.dtype];
  const layers =
    options.layers === 'all' ? options.layers : [...options.layers].sort((a, b) => a - b);
  const { precision = 'f32' } = options;
  const wanted: ActivationRequest = { suite, render: request.render, layers, dtype, precision };
  const { file, tokens, seconds, origin } = await statesOf(
    store,
    checkpoint,
    { wanted, options },
    context,
  );
  const kept = layers === 'all' ? file.layers : layers;
  const tensors = options.pools.map((pool) => selectTensor(file, pool, kept, dtype));
  if (output !== null) await writeOut(output, tensors, file, { kept, options });
  return {
    checkpoint: checkpoint.id,
    suite: suite.name,
    items: file.items.length,
    layers: kept,
    hidden: file.hidden,
    pools: options.pools,
    dtype: options.dtype,
    precision: origin === null ? precision : null,
    file: options.out ?? file.path,
    bytes: tensors.reduce((sum, { dtype: type, shape }) => sum + bytesOf(type, shape), 0),
    tokens,
    seconds,
    origin,
  };
}

async function statesOf(
  store: Store,
  checkpoint: KnownCheckpoint,
  {
    wanted,
    options: { server = null, pools },
  }: { readonly wanted: ActivationRequest; readonly options: ExtractOptions },
  context: JobContext,
): Promise<Activations & { readonly origin: StateOrigin | null }> {
  if (server === null) {
    return { ...(await ensureActivations(store, checkpoint, wanted, context)), origin: null };
  }
  if (wanted.precision === 'int8') {
    throw new UserError(
      '--precision: expected f32 with --server, got int8; the server’s own numbers are taken as they are',
    );
  }
  checkNoLimits(context.limits ?? {});
  const ofStates = (['last', 'mean'] as const).filter((pool) => pools.includes(pool));
  if (ofStates.length < pools.length) {
    throw new UserError(
      '--pool: expected last or mean with --server, got output; servers give hidden states, not what the output head makes of them',
    );
  }
  const request = { ...wanted, server, pools: ofStates };
  return await ensureServedActivations(store, checkpoint, request, context);
}

/** They are of passes here. */
function checkNoLimits({ device, memoryBytes, threads, batchTokens }: PassLimits): void {
  const given = {
    ...{ '--device': device === 'cpu' ? null : device, '--memory': memoryBytes },
    ...{ '--threads': threads, '--batch-tokens': batchTokens },
  };
  const found = Object.entries(given).find(([, value]) => (value ?? null) !== null);
  if (found === undefined) return;
  throw new UserError(
    `${found[0]}: expected none with --server, which computes the states; leave it out`,
  );
}

async function writeOut(
  output: OutputFile,
  tensors: readonly TensorSource[],
  file: ActivationFile,
  { kept, options }: { kept: readonly number[]; options: ExtractOptions },
): Promise<void> {
  await output.write((temporary) =>
    writeSafetensors(temporary, tensors, {
      ...file.metadata,
      ...precisionOf(file),
      items: JSON.stringify(file.items),
      layers: JSON.stringify(kept),
      pool: JSON.stringify(options.pools),
    }),
  );
}

/** Files of before there was another one do not say it. */
function precisionOf({ metadata }: ActivationFile): Record<string, string> {
  const isServed = metadata['source'] !== undefined;
  return isServed ? {} : { precision: metadata['precision'] ?? 'f32' };
}

function selectTensor(
  file: ActivationFile,
  pool: Pool,
  layers: readonly number[],
  dtype: ActivationDtype,
): TensorSource {
  const tensor = file.tensors.get(pool);
  if (tensor === undefined) throw new UserError(`activations: no \`${pool}\` in ${file.path}`);
  if (pool === 'output') {
    return { name: pool, dtype: 'F32', shape: tensor.shape, data: rowsOf(tensor) };
  }
  const positions = layers.map((layer) => positionOf(file, layer));
  const shape = [file.items.length, layers.length, file.hidden];
  return {
    name: pool,
    dtype,
    shape,
    data: encodedStates(tensor, { file, layers, positions }, dtype),
  };
}

function positionOf(file: ActivationFile, layer: number): number {
  const position = file.layers.indexOf(layer);
  if (position >= 0) return position;
  throw new UserError(
    `--layers: expected layers of 0 to ${Math.max(...file.layers)}, got ${layer}`,
  );
}

/** Bytes read at a time; some copies of them wait to be collected, and a pass may have been allowed little memory. */
const chunkBytes = 1024 * 1024;

type Picked = {
  readonly file: ActivationFile;
  /** Layers, and where each stands in the file. */
  readonly layers: readonly number[];
  readonly positions: readonly number[];
};

async function* encodedStates(
  tensor: TensorInfo,
  { file, layers, positions }: Picked,
  dtype: ActivationDtype,
): AsyncGenerator<Uint8Array> {
  const { hidden, items, metadata } = file;
  const checkpoint = metadata['checkpoint'] ?? file.path;
  let first = 0;
  for await (const values of floatRows(tensor)) {
    const picked = pickLayers(values, { layers: file.layers.length, hidden, positions });
    const count = values.length / (file.layers.length * hidden);
    const ids = items.slice(first, first + count);
    checkStorable(picked, dtype, { checkpoint, ids, layers, hidden });
    yield bytesOfView(encode(picked, dtype));
    first += count;
  }
}

async function* rowsOf(tensor: TensorInfo): AsyncGenerator<Uint8Array> {
  for await (const values of floatRows(tensor)) yield bytesOfView(values);
}

/** Some rows at a time. */
async function* floatRows(tensor: TensorInfo): AsyncGenerator<Float32Array> {
  const [rows = 0] = tensor.shape;
  const rowsAtOnce = Math.max(1, Math.floor((chunkBytes * rows) / Math.max(1, tensor.byteLength)));
  for (let first = 0; first < rows; first += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, rows - first);
    const values = toFloat32(await readRows(tensor, first, count), tensor.dtype);
    if (values === null) throw new UserError(`activations: cannot read ${tensor.dtype}`);
    yield values;
  }
}

function pickLayers(
  values: Float32Array,
  { layers, hidden, positions }: { layers: number; hidden: number; positions: readonly number[] },
): Float32Array {
  if (positions.length === layers) return values;
  const rows = values.length / (layers * hidden);
  const picked = new Float32Array(rows * positions.length * hidden);
  for (let row = 0; row < rows; row += 1) {
    positions.forEach((position, index) => {
      const from = (row * layers + position) * hidden;
      picked.set(values.subarray(from, from + hidden), (row * positions.length + index) * hidden);
    });
  }
  return picked;
}

function encode(values: Float32Array, dtype: ActivationDtype): ArrayBufferView {
  if (dtype === 'F32') return values;
  return dtype === 'BF16' ? float32ToBfloat16(values) : float32ToFloat16(values);
}

function bytesOfView(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function bytesOf(dtype: string, shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, dtype === 'F32' ? 4 : 2);
}
