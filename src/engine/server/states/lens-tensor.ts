/** Tensors as vLLM-Lens writes them: raw numbers, compressed or not, in base64 or behind a handle. */
import { z } from 'zod';
import { ZSTDDecoder } from 'zstddec';
import { toFloat32 } from '../../../safetensors/index.ts';
import { ServerFault } from '../server-fault.ts';
import type { ServedDtype, ServedStates } from './state-source.ts';

export const lensTensorSchema: z.ZodType<LensTensor> = z.object({
  data: z.string().nullish(),
  handle: z.string().nullish(),
  dtype: z.string(),
  original_dtype: z.string().nullish(),
  shape: z.array(z.number().int().min(0)),
  compression: z.string().nullish(),
});

export type LensTensor = {
  /** Base64. */
  data?: string | null | undefined;
  /** Names the bytes where they are fetched apart. */
  handle?: string | null | undefined;
  /** As numpy calls what is stored. */
  dtype: string;
  /** As torch calls what it was: bfloat16 is stored as int16. */
  original_dtype?: string | null | undefined;
  shape: number[];
  compression?: string | null | undefined;
};

/** Larger tensors are refused. */
const mostTensorBytes = 2 ** 30;

let decoder: Promise<ZSTDDecoder> | null = null;

/**
 * (layers, tokens, hidden) in its bytes, which are let go of with the result.
 *
 * @throws ServerFault for another shape, type or length than it says.
 */
export async function decodeLensTensor(tensor: LensTensor, raw: Uint8Array): Promise<ServedStates> {
  const dtype = dtypeOf(tensor);
  const [layers = 0, tokens = 0, hidden = 0] = tensor.shape;
  const width = dtype === 'F32' ? 4 : 2;
  const expected = layers * tokens * hidden * width;
  const shape = `a tensor of shape [${tensor.shape.join(', ')}]`;
  if (tensor.shape.length !== 3) throw refused(`${shape}, expected (layers, tokens, hidden)`);
  if (expected > mostTensorBytes) {
    throw refused(`${shape}, more than ${mostTensorBytes} bytes; ask for fewer --layers`);
  }
  const bytes = await decompress(tensor.compression ?? null, raw, expected);
  if (bytes.length !== expected) {
    throw refused(`${bytes.length} bytes for a tensor of ${expected}`);
  }
  const row = hidden * width;
  return {
    ...{ dtype, from: 0, tokens, layers, hidden },
    read: (first, count) => {
      const picked = new Float32Array(count * layers * hidden);
      for (let layer = 0; layer < layers; layer += 1) {
        const start = (layer * tokens + first) * row;
        const states = toFloat32(bytes.subarray(start, start + count * row), dtype)!;
        for (let token = 0; token < count; token += 1) {
          const state = states.subarray(token * hidden, (token + 1) * hidden);
          picked.set(state, (token * layers + layer) * hidden);
        }
      }
      return Promise.resolve(picked);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function dtypeOf({ dtype, original_dtype: original }: LensTensor): Exclude<ServedDtype, 'text'> {
  if (dtype === 'int16' && original === 'torch.bfloat16') return 'BF16';
  if (dtype === 'float16') return 'F16';
  if (dtype === 'float32') return 'F32';
  throw refused(`numbers of type ${dtype} (${original ?? 'no'} original type)`);
}

async function decompress(
  compression: string | null,
  raw: Uint8Array,
  expected: number,
): Promise<Uint8Array> {
  if (compression === null || compression === '') return raw;
  if (compression !== 'zstd') throw refused(`compression ${compression}`);
  const loaded = await (decoder ??= loadDecoder());
  try {
    return loaded.decode(raw, expected);
  } catch (cause) {
    throw refused('damaged zstd data', cause);
  }
}

async function loadDecoder(): Promise<ZSTDDecoder> {
  const made = new ZSTDDecoder();
  await made.init();
  return made;
}

function refused(what: string, cause?: unknown): ServerFault {
  return new ServerFault(`sent hidden states that cannot be read: ${what}`, {
    kind: 'lasting',
    cause,
  });
}
