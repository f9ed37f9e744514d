import { basename } from 'node:path';
import { UserError } from '../../error/index.ts';
import type { Importer, ImportOptions } from '../importer.ts';
import { validRecords } from '../log/valid-records.ts';
import type { OutcomeRecord } from '../record.ts';
import { openCompassFileOf } from './opencompass/detect.ts';
import { placeOf, predictionsFor, resultsFor, shownPath } from './opencompass/places.ts';
import { readDataset } from './opencompass/read-dataset.ts';

/** OpenCompass: `results/<model>/<dataset>.json` with `predictions/<model>/<dataset>.json`. */
export function createOpenCompassImporter(): Importer {
  return {
    format: 'opencompass',
    detect: async (path) => (await openCompassFileOf(path))?.confidence ?? 0,
    async companions(path) {
      const found = await openCompassFileOf(path);
      return found?.kind === 'results' ? predictionsFor(placeOf(path)) : [];
    },
    passOver,
    read: (path, options) => validRecords(readFile(path, options), basename(path)),
  };
}

async function passOver(path: string): Promise<string | null> {
  const found = await openCompassFileOf(path);
  if (found === null) return null;
  if (found.kind === 'summary') return 'a summary of results, which are read themselves';
  const unfinished = 'answers of a run that was not finished';
  if (found.kind === 'progress') return unfinished;
  if (found.kind === 'results') {
    return found.error === null ? null : `the harness failed there: ${found.error.slice(0, 200)}`;
  }
  if (basename(path).startsWith('tmp_')) return unfinished;
  const place = placeOf(path);
  if (place.section === 'results') return 'answers of a judge, whose grades are in the results';
  const results = await resultsFor(place);
  if (results !== null) return `read with ${shownPath(results, place)}`;
  return found.isGraded ? null : 'answers without grades: there are no results for them';
}

async function* readFile(path: string, options: ImportOptions = {}): AsyncGenerator<OutcomeRecord> {
  const found = await openCompassFileOf(path);
  const refusal = found === null ? 'it is none' : await passOver(path);
  if (found === null || refusal !== null) {
    throw new UserError(
      `\`${basename(path)}\`: expected results or graded predictions of OpenCompass: ${refusal ?? ''} (in ${path})`,
    );
  }
  const place = placeOf(path);
  const isResults = found.kind === 'results';
  const predictions = isResults ? await predictionsFor(place) : [path];
  yield* readDataset({ path, place, results: isResults ? path : null, predictions }, options);
}
