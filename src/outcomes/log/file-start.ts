import { open } from 'node:fs/promises';
import { UserError } from '../../error/index.ts';
import { type JsonMember, splitMembers } from './json-members.ts';

/** The first bytes of a file; null for one that cannot be read. */
export async function readStart(path: string, maxBytes: number): Promise<Buffer | null> {
  const handle = await open(path, 'r').catch(() => null);
  if (handle === null) return null;
  try {
    const buffer = Buffer.alloc(maxBytes);
    const { bytesRead } = await handle.read(buffer, 0, maxBytes, 0);
    return buffer.subarray(0, bytesRead);
  } catch {
    return null;
  } finally {
    await handle.close();
  }
}

/** The members with which a JSON document begins, as far as they are whole; none for what is no JSON document. */
export async function firstMembers(
  start: Buffer,
  { into = [], most = 1 }: { into?: readonly string[]; most?: number } = {},
): Promise<JsonMember[]> {
  const found: JsonMember[] = [];
  try {
    for await (const member of splitMembers(oneChunk(start), 'start', { into })) {
      found.push(member);
      if (found.length === most) break;
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
  return found;
}

async function* oneChunk(chunk: Buffer): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield chunk;
}
