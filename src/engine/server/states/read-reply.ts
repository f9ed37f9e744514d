import type { z } from 'zod';
import { ServerFault } from '../server-fault.ts';

/** The reply in the form that the server's protocol has. @throws ServerFault where it has another. */
export function readReply<Reply>(
  schema: z.ZodType<Reply>,
  reply: unknown,
  { lacking }: { readonly lacking: string },
): Reply {
  const parsed = schema.safeParse(reply);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.join('.') ?? '';
  throw new ServerFault(
    `answered without hidden states (at \`${place}\`: ${issue?.message ?? ''}); ${lacking}`,
    { kind: 'lasting' },
  );
}

/** @throws ServerFault where the server read another number of tokens than were sent. */
export function checkTokenCount(expected: number, got: number | null | undefined): void {
  if (got === null || got === undefined || got === expected) return;
  throw new ServerFault(
    `read ${got} tokens where ${expected} were sent; it must take token ids as they are`,
    { kind: 'lasting' },
  );
}
