import { z } from 'zod';

/** A file that an import refused, as `refused-imports/<id>.json` keeps it until the file is imported. */
export type RefusedImport = {
  schemaVersion: 1;
  /** Names where the file lies. */
  id: string;
  /** The file's name, without its folder. */
  source: string;
  /** How it was read; null where that was not found out. */
  format: string | null;
  /** In words, without the folder. */
  reason: string;
  /** The last time; ISO 8601. */
  refusedAt: string;
};

export const refusedImportSchema: z.ZodType<RefusedImport> = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  source: z.string(),
  format: z.string().nullable(),
  reason: z.string(),
  refusedAt: z.string(),
});
