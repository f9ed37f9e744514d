import type { Importer } from '../importer.ts';
import { createNativeImporters, type TableOpener } from '../native-importer.ts';

/** Every format of results that is read, the commonest first. */
export function createImporters(openTable: TableOpener): Importer[] {
  return [...createNativeImporters(openTable)];
}
