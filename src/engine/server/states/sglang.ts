import { z } from 'zod';
import type { AskedServer } from '../asked-server.ts';
import { ServerFault } from '../server-fault.ts';
import { checkTokenCount, readReply } from './read-reply.ts';
import type { ServedStates, StateSource } from './state-source.ts';

type Reply = {
  meta_info: {
    prompt_tokens?: number | null | undefined;
    cached_tokens?: number | null | undefined;
    finish_reason?: unknown;
    hidden_states: unknown[];
  };
};

const replySchema: z.ZodType<Reply> = z.object({
  meta_info: z.object({
    prompt_tokens: z.number().nullish(),
    cached_tokens: z.number().nullish(),
    finish_reason: z.unknown(),
    hidden_states: z.array(z.unknown()).min(1),
  }),
});

const lacking = 'start SGLang with --enable-return-hidden-states, see docs/gpu.md';

/** The last layer alone, after the final norm, written out as decimal numbers. */
export function sglangSource({ client }: AskedServer, layer: number): StateSource {
  // Older servers know `true` alone.
  let knowsLast = true;
  return {
    [Symbol.dispose]: () => undefined,
    isNormed: true,
    path: 'generate',
    layersIn: () => [layer],
    fetch: async ({ ids }, { lastOnly }, signal) => {
      const ask = (mode: true | 'last'): Promise<ServedStates> =>
        client.post(
          'generate',
          {
            input_ids: [...ids],
            sampling_params: { max_new_tokens: 1, temperature: 0 },
            return_hidden_states: mode,
          },
          (reply) => statesOf(reply, ids.length, mode),
          { signal },
        );
      if (!lastOnly || !knowsLast) return await ask(true);
      try {
        return await ask('last');
      } catch (error) {
        if (!(error instanceof ServerFault) || (error.status !== 400 && error.status !== 422)) {
          throw error;
        }
        const states = await ask(true);
        knowsLast = false;
        return states;
      }
    },
  };
}

function statesOf(reply: unknown, length: number, mode: true | 'last'): ServedStates {
  const { meta_info: info } = readReply(replySchema, reply, { lacking });
  if (typeOf(info.finish_reason) === 'abort') {
    throw new ServerFault('broke the request off (finish_reason abort)', { kind: 'passing' });
  }
  checkTokenCount(length, info.prompt_tokens);
  // Those of the prompt come first, those of each sampled token after them.
  const matrix = rowsOf(info.hidden_states[0]);
  const isLast = mode === 'last' && matrix.length === 1;
  if (!isLast && matrix.length < length && (info.cached_tokens ?? 0) > 0) {
    throw new ServerFault(
      `left out the states of ${length - matrix.length} tokens that it had in its cache; start it with --disable-radix-cache`,
      { kind: 'lasting' },
    );
  }
  const hidden = matrix[0]?.length ?? 0;
  return {
    ...{ dtype: 'text', from: isLast ? length - 1 : 0 },
    ...{ tokens: matrix.length, layers: 1, hidden },
    read: (first, count) => Promise.resolve(pick(matrix, { first, count, hidden })),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function typeOf(reason: unknown): unknown {
  return typeof reason === 'object' && reason !== null && 'type' in reason ? reason.type : null;
}

/** A matrix, or one row of it alone. */
function rowsOf(value: unknown): readonly (readonly unknown[])[] {
  if (!Array.isArray(value)) throw unreadable('no list');
  const rows: readonly unknown[] = value;
  return rows.every((row): row is unknown[] => Array.isArray(row)) ? rows : [rows];
}

/** NaN goes over the wire as null. */
function pick(
  matrix: readonly (readonly unknown[])[],
  { first, count, hidden }: { first: number; count: number; hidden: number },
): Float32Array {
  const picked = new Float32Array(count * hidden);
  for (let token = 0; token < count; token += 1) {
    const row = matrix[first + token] ?? [];
    if (row.length !== hidden) throw unreadable(`rows of ${hidden} and of ${row.length} numbers`);
    for (const [i, value] of row.entries()) {
      if (typeof value !== 'number' && value !== null) throw unreadable(`a ${typeof value}`);
      picked[token * hidden + i] = value ?? Number.NaN;
    }
  }
  return picked;
}

function unreadable(what: string): ServerFault {
  return new ServerFault(`sent hidden states that cannot be read: ${what}`, { kind: 'lasting' });
}
