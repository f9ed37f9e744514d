import ort, { listSupportedBackends } from 'onnxruntime-node';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { givenLocation } from './onnx-proto.ts';
import type { Dtype, Tensor, TensorData } from './tensor.ts';

// The runtime reports its use to its maker over the network unless this is set before its first session.
process.env['ORT_DISABLE_TELEMETRY'] = '1';

/** Named as the runtime names its execution providers. */
export type Device = 'cpu' | 'cuda' | 'webgpu';

export type SessionOptions = {
  /** What `checkDevice` found usable; operators that it lacks run on the processor. @default 'cpu' */
  readonly device?: Device;
  /** Threads inside an operator. @default all that the machine offers */
  readonly threads?: number;
  /** Folder that locations of external tensors are relative to. @default the root folder */
  readonly folder?: string;
  /** Names of graph optimisers of the runtime to leave out, such as `ConstantFolding`. */
  readonly withoutOptimisers?: readonly string[];
  /** Keep weights as they are mapped instead of a packed copy: less memory, slower products. @default false */
  readonly withoutPrepacking?: boolean;
  /** Keep freed memory for the next run: faster, higher peak. @default true */
  readonly memoryArena?: boolean;
  /** Threads spin between operators: faster where operators are small, busy cores where several sessions run. */
  readonly spinning?: boolean;
  /** The tensors of `GraphBuilder.given`, by name. They are copied: nothing refers to them once the session is there. */
  readonly given?: ReadonlyMap<string, TensorData>;
};

/** A graph ready to run. `run` is synchronous native work: it blocks the thread that calls it. */
export type Session = AsyncDisposable & {
  /** Runs on `feeds` and copies only the outputs named in `fetches` back. */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches: readonly string[],
  ): Promise<Record<string, Tensor>>;
};

/**
 * Loads a model made by `GraphBuilder.build`. Release it with `await using` or `[Symbol.asyncDispose]`.
 * A graph that the runtime refuses, or an external file that is gone, throws with the runtime's own message.
 */
export async function createSession(
  model: Uint8Array,
  options: SessionOptions = {},
): Promise<Session> {
  if (options.device === 'cuda') useWholeFloats();
  const session = await ort.InferenceSession.create(model, runtimeOptions(options));
  let released = false;
  return {
    async run(feeds, fetches) {
      if (released) throw new Error('Session: run after it was released');
      const inputs = Object.fromEntries(
        Object.entries(feeds).map(([name, tensor]) => [name, toRuntime(tensor)]),
      );
      const outputs = await session.run(inputs, [...fetches]);
      return Object.fromEntries(
        Object.entries(outputs).map(([name, tensor]) => [name, fromRuntime(tensor)]),
      );
    },
    async [Symbol.asyncDispose]() {
      if (released) return;
      released = true;
      await session.release();
    },
  };
}

/** Names of the execution providers that the runtime has on this platform, in files of its package or not. */
export function offeredProviders(): string[] {
  return listSupportedBackends().map(({ name }) => name);
}

/**
 * Products in TF32 keep ten bits of float32's mantissa. They are the CUDA provider's default, which the package gives no
 * option for: NVIDIA's libraries read this before their first product.
 */
function useWholeFloats(): void {
  process.env['NVIDIA_TF32_OVERRIDE'] ??= '0';
}

function runtimeOptions(options: SessionOptions): ort.InferenceSession.SessionOptions {
  const folder = options.folder ?? path.parse(process.cwd()).root;
  const spin = options.spinning === true ? '1' : '0';
  return {
    executionProviders: [options.device ?? 'cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: options.threads ?? availableParallelism(),
    interOpNumThreads: 1,
    enableCpuMemArena: options.memoryArena ?? true,
    // The runtime would print its errors on the user's terminal too: they are thrown with the same message.
    logSeverityLevel: 4,
    externalData: [...(options.given ?? [])].map(([name, data]) => ({
      path: givenLocation(name),
      data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    })),
    extra: {
      session: {
        model_external_initializers_file_folder_path: folder,
        disable_prepacking: options.withoutPrepacking === true ? '1' : '0',
        intra_op: { allow_spinning: spin },
        inter_op: { allow_spinning: spin },
      },
      optimization: {
        disable_specified_optimizers: (options.withoutOptimisers ?? []).join(';'),
      },
    },
  };
}

type RuntimeType = Exclude<ort.Tensor.Type, 'string' | 'int4' | 'uint4'>;

function toRuntime({ dtype, shape, data }: Tensor): ort.Tensor {
  if (dtype === 'bfloat16') throw new Error('Session: bfloat16 cannot enter or leave a graph');
  return new ort.Tensor(dtype, data as ort.Tensor.DataTypeMap[RuntimeType], shape);
}

function fromRuntime(tensor: ort.Tensor): Tensor {
  return { dtype: tensor.type as Dtype, shape: tensor.dims, data: tensor.data as TensorData };
}
