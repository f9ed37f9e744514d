import { z } from 'zod';
import { UserError } from '../error/index.ts';
import type { SafetensorsFile } from '../safetensors/index.ts';

const itemsSchema = z.array(z.string());
const layersSchema = z.array(z.number().int().min(0));

/**
 * Which items and layers a file of hidden states holds, from its metadata.
 *
 * @throws UserError where the metadata do not say.
 */
export function parseRowNames(file: SafetensorsFile): {
  readonly items: readonly string[];
  readonly layers: readonly number[];
} {
  return {
    items: parseMetadata(file, 'items', itemsSchema),
    layers: parseMetadata(file, 'layers', layersSchema),
  };
}

function parseMetadata<Value>(file: SafetensorsFile, key: string, schema: z.ZodType<Value>): Value {
  const text = file.metadata[key];
  try {
    return schema.parse(JSON.parse(text ?? 'null'));
  } catch (error) {
    throw new UserError(
      `activations: expected metadata \`${key}\` to be a JSON list in ${file.file}; delete the file and extract again`,
      { cause: error },
    );
  }
}
