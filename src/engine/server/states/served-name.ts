import { z } from 'zod';
import { UserError } from '../../../error/index.ts';
import type { HttpClient } from '../http-client.ts';
import { ServerFault } from '../server-fault.ts';

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })) });

/** The names that a server lists its models under. */
async function listedModels(
  client: HttpClient,
  path: string,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const read = (reply: unknown): string[] => {
    const parsed = modelsSchema.safeParse(reply);
    if (parsed.success) return parsed.data.data.map(({ id }) => id);
    throw new ServerFault('answered without a list of models', { kind: 'lasting' });
  };
  return await client.get(path, read, { signal }).catch((error: unknown) => {
    if (!(error instanceof ServerFault)) throw error;
    throw new UserError(
      `--server: expected ${client.baseUrl}/${path} to list the models, it ${error.message}`,
      { cause: error },
    );
  });
}

/**
 * The model that is asked for, or else the only one that there is.
 *
 * @throws UserError where the server does not list it, or lists several and none is asked for.
 */
export async function servedName(
  client: HttpClient,
  { path, wanted }: { readonly path: string; readonly wanted: string | null },
  signal: AbortSignal | undefined,
): Promise<string> {
  const listed = await listedModels(client, path, signal);
  const found = wanted ?? (listed.length === 1 ? listed[0] : undefined);
  if (found !== undefined && listed.includes(found)) return found;
  throw new UserError(
    `--model: expected a model that ${client.baseUrl} lists (${listed.slice(0, 20).join(', ')}), got ${wanted === null ? 'none' : `\`${wanted}\``}`,
  );
}
