import { z } from 'zod';
import { ServerFault } from '../server-fault.ts';
import type { AskedServer } from '../asked-server.ts';
import { decodeLensTensor, type LensTensor, lensTensorSchema } from './lens-tensor.ts';
import { checkTokenCount, readReply } from './read-reply.ts';
import type { StateSource } from './state-source.ts';

const replySchema: z.ZodType<{
  activations: { residual_stream: LensTensor };
  usage?: { prompt_tokens?: number | null | undefined } | null | undefined;
}> = z.object({
  activations: z.object({ residual_stream: lensTensorSchema }),
  usage: z.object({ prompt_tokens: z.number().nullish() }).nullish(),
});

const lacking = 'vLLM needs the plug-in vllm-lens for it, see docs/gpu.md';

/** The residual stream behind any block, in binary form where the plug-in offers that, else in base64. */
export function lensSource({ client, model }: AskedServer): StateSource {
  return {
    [Symbol.dispose]: () => undefined,
    isNormed: false,
    path: 'completions',
    layersIn: (wanted) => wanted,
    fetch: async ({ ids }, { layers }, signal) => {
      const body = {
        ...{ model, prompt: [...ids], max_tokens: 1, temperature: 0 },
        vllm_xargs: {
          // Blocks counted from 0.
          output_residual_stream: JSON.stringify(layers.map((layer) => layer - 1)),
          activations_transport: 'binary',
        },
      };
      const read = (reply: unknown): LensTensor => {
        const { activations, usage } = readReply(replySchema, reply, { lacking });
        checkTokenCount(ids.length, usage?.prompt_tokens);
        return activations.residual_stream;
      };
      const tensor = await client.post('completions', body, read, { signal });
      const { data, handle } = tensor;
      if (typeof data === 'string') {
        return await decodeLensTensor(tensor, Buffer.from(data, 'base64'));
      }
      if (typeof handle !== 'string') {
        throw new ServerFault(`sent hidden states without data and handle; ${lacking}`, {
          kind: 'lasting',
        });
      }
      const path = `activations/${encodeURIComponent(handle)}`;
      const raw = await client.getBytes(path, (bytes) => bytes, { signal });
      return await decodeLensTensor(tensor, raw);
    },
  };
}
