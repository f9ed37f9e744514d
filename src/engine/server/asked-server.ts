import { UserError } from '../../error/index.ts';
import type { HttpClient } from './http-client.ts';
import { ServerFault } from './server-fault.ts';

/** A server that is asked, and how. */
export type AskedServer = {
  readonly client: HttpClient;
  readonly model: string;
  readonly concurrency: number;
};

/** A fault that stays, in the user's words; anything else as it is. */
export function describeFault(
  { client }: AskedServer,
  error: unknown,
  about: { readonly id: string; readonly path: string },
): Error {
  if (!(error instanceof ServerFault)) {
    return error instanceof Error ? error : new Error(String(error), { cause: error });
  }
  return new UserError(`item \`${about.id}\`: ${client.baseUrl}/${about.path} ${error.message}`, {
    cause: error,
  });
}
