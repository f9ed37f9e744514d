import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../error/index.ts';
import { atomicCreate } from './atomic.ts';
import { readDocument } from './json-folder.ts';

const schema = z.object({ id: z.uuid() });

/** What names a store wherever its folder is mounted: drawn once, by whoever asks first. */
export async function readStoreIdentity(dir: string): Promise<string> {
  const path = join(dir, 'identity.json');
  const known = await readDocument(path);
  if (known === null) {
    const id = randomUUID();
    await atomicCreate(path, (temporary) => writeFile(temporary, `${JSON.stringify({ id })}\n`));
  }
  const parsed = schema.safeParse(known ?? (await readDocument(path)));
  if (parsed.success) return parsed.data.id;
  throw new UserError(
    `\`store\`: expected {"id": <UUID>} in ${path}: remove the file, or restore it`,
  );
}
