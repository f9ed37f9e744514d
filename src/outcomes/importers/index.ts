import type { Importer } from '../importer.ts';
import { createNativeImporters } from '../native-importer.ts';
import type { TableOpener } from '../table.ts';
import { createEveryEvalEverImporter } from './every-eval-ever.ts';
import { createHelmImporter } from './helm.ts';
import { createInspectImporter } from './inspect.ts';
import { createIrtImporter } from './irt.ts';
import { createLightevalImporter } from './lighteval.ts';
import { createLmEvalImporter } from './lm-eval.ts';
import { createOlmesImporter } from './olmes.ts';
import { createOlmoEvalImporter } from './olmo-eval.ts';
import { createOpenCompassImporter } from './opencompass.ts';

/** Every format of results that is read. */
export function createImporters(openTable: TableOpener): Importer[] {
  return [
    ...createNativeImporters(openTable),
    createLmEvalImporter(),
    createOlmesImporter(),
    createOlmoEvalImporter(),
    createInspectImporter(),
    createOpenCompassImporter(),
    createLightevalImporter(openTable),
    createHelmImporter(),
    createEveryEvalEverImporter(),
    createIrtImporter(),
  ];
}
