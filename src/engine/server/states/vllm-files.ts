import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import {
  readRows,
  readTensor,
  type SafetensorsFile,
  type TensorInfo,
  toFloat32,
} from '../../../safetensors/index.ts';
import { UserError } from '../../../error/index.ts';
import type { AskedServer } from '../asked-server.ts';
import { ServerFault } from '../server-fault.ts';
import { awaitStateFile } from './await-state-file.ts';
import { FileLocks, type Waiting } from './file-locks.ts';
import { checkTokenCount, readReply } from './read-reply.ts';
import type { ServedDtype, ServedStates, StateSource } from './state-source.ts';

type Reply = {
  kv_transfer_params: { hidden_states_path: string };
  usage?: { prompt_tokens?: number | null | undefined } | null | undefined;
};

const replySchema: z.ZodType<Reply> = z.object({
  kv_transfer_params: z.object({ hidden_states_path: z.string().min(1) }),
  usage: z.object({ prompt_tokens: z.number().nullish() }).nullish(),
});

const lacking = 'start vLLM with the method extract_hidden_states, see docs/gpu.md';

export type VllmFiles = {
  /** The folder that the server writes to, as it is seen from here. */
  readonly folder: string;
  /** Layers in its files, ascending, as the contract counts them; null: their number says which. */
  readonly layers: readonly number[] | null;
  /** How long a file is waited for. */
  readonly timeoutMs: number;
};

/** vLLM's `extract_hidden_states`: a file a prompt in a folder that both see, the layers as the server was started. */
export function vllmSource({ client, model }: AskedServer, files: VllmFiles): StateSource {
  const locks = new FileLocks(files.folder);
  return {
    [Symbol.dispose]: () => {
      locks[Symbol.dispose]();
    },
    isNormed: false,
    path: 'completions',
    layersIn: () => files.layers,
    fetch: async ({ ids }, _, signal) => {
      const body = { model, prompt: [...ids], max_tokens: 1, temperature: 0 };
      const read = (reply: unknown): string => {
        const { kv_transfer_params: given, usage } = readReply(replySchema, reply, { lacking });
        checkTokenCount(ids.length, usage?.prompt_tokens);
        return given.hidden_states_path;
      };
      const path = await client.post('completions', body, read, { signal });
      return await openStates(locks, { path, ids }, { timeoutMs: files.timeoutMs, signal });
    },
  };
}

/** What servers name files: nothing that means something to a shell. */
const plainName = /^[\w.:@+=-]+\.safetensors$/;

/** What a server names is looked for in the folder alone: it is deleted after it was read. */
async function openStates(
  locks: FileLocks,
  { path, ids }: { readonly path: string; readonly ids: Int32Array },
  waiting: Waiting,
): Promise<ServedStates> {
  const name = basename(path);
  if (!plainName.test(name)) {
    throw new ServerFault(`named ${JSON.stringify(path)} where a safetensors file was expected`, {
      kind: 'lasting',
    });
  }
  const { folder } = locks;
  const place = join(folder, name);
  const remove = async (): Promise<void> => {
    await rm(`${place}.lock`, { force: true });
    await rm(place, { force: true });
  };
  const file = await awaitStateFile(locks, name, waiting);
  if (file === null) {
    throw new UserError(
      `--server-dir: expected the server's file ${path} as ${name} in ${folder} within ${waiting.timeoutMs / 1000} s (--timeout), found none that is whole; is it the folder that the server writes to (shared_storage_path), as it is seen from here?`,
    );
  }
  try {
    return { ...(await readableStates(file, ids)), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

const dtypes: readonly string[] = ['F32', 'F16', 'BF16'];

async function readableStates(
  { tensors }: SafetensorsFile,
  ids: Int32Array,
): Promise<Omit<ServedStates, typeof Symbol.asyncDispose>> {
  const tensor = tensors.get('hidden_states');
  if (tensor?.shape.length !== 3 || !dtypes.includes(tensor.dtype)) {
    throw unreadable(
      `expected \`hidden_states\` of shape (tokens, layers, hidden), found ${described(tensor)}`,
    );
  }
  await checkTokens(tensors.get('token_ids'), ids);
  const [tokens = 0, layers = 0, hidden = 0] = tensor.shape;
  return {
    ...{ dtype: tensor.dtype as ServedDtype, from: 0, tokens, layers, hidden },
    read: async (first, count) => toFloat32(await readRows(tensor, first, count), tensor.dtype)!,
  };
}

/** A file of another request, or a prompt that was changed on the way, is noticed by its tokens. */
async function checkTokens(tensor: TensorInfo | undefined, ids: Int32Array): Promise<void> {
  const isReadable = tensor?.dtype === 'I64' && tensor.shape.length === 1;
  if (!isReadable || tensor.shape[0] !== ids.length) {
    throw unreadable(`expected \`token_ids\` of ${ids.length} tokens, found ${described(tensor)}`);
  }
  const bytes = await readTensor(tensor);
  const view = new DataView(bytes.buffer);
  const at = ids.findIndex((id, i) => view.getBigInt64(8 * i, true) !== BigInt(id));
  if (at === -1) return;
  throw unreadable(`token ${at} is ${view.getBigInt64(8 * at, true)}, ${ids[at]!} was sent`);
}

function described(tensor: TensorInfo | undefined): string {
  return tensor === undefined ? 'none' : `${tensor.dtype} [${tensor.shape.join(', ')}]`;
}

function unreadable(what: string): ServerFault {
  return new ServerFault(`wrote a file of hidden states that cannot be read: ${what}`, {
    kind: 'lasting',
  });
}
