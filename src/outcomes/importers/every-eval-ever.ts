import { basename } from 'node:path';
import { UserError } from '../../error/index.ts';
import type { Importer, ImportOptions } from '../importer.ts';
import { validRecords } from '../log/valid-records.ts';
import type { OutcomeRecord } from '../record.ts';
import {
  type Aggregate,
  type AggregateResult,
  readAggregate,
} from './every-eval-ever/aggregate.ts';
import { aggregateRecords } from './every-eval-ever/aggregate-records.ts';
import { documentKind, findAggregate, findSamples } from './every-eval-ever/files.ts';
import { modelOf } from './every-eval-ever/model.ts';
import { sampleRecords } from './every-eval-ever/sample-records.ts';

/** Every Eval Ever: a JSON with the results of a run, and JSONL with its samples. */
export function createEveryEvalEverImporter(): Importer {
  return {
    format: 'every-eval-ever',
    detect: async (path) => ((await documentKind(path)) === null ? 0 : 1),
    async companions(path) {
      const kind = await documentKind(path);
      const found = kind === null || kind === 'aggregate' ? null : await findAggregate(path);
      return found === null ? [] : [found];
    },
    async passOver(path) {
      if ((await documentKind(path)) !== 'aggregate') return null;
      const aggregate = await readAggregate(path);
      if (aggregate.results.length === 0) return null;
      const own = await ownResults(path, aggregate);
      return own.length > 0
        ? null
        : `its results are the means of its samples, which are read from \`${aggregate.samples ?? ''}\``;
    },
    read: (path, options) => validRecords(readDocument(path, options), basename(path)),
  };
}

async function* readDocument(
  path: string,
  options: ImportOptions = {},
): AsyncGenerator<OutcomeRecord> {
  const kind = await documentKind(path);
  const name = basename(path);
  if (kind === null) {
    throw new UserError(
      `\`${name}\`: expected a document of Every Eval Ever (results as JSON, samples as JSONL), it is none (in ${path})`,
    );
  }
  if (kind === 'aggregate') {
    const aggregate = await readAggregate(path);
    const model = await modelOf({ info: aggregate.model, id: null, name }, options);
    yield* aggregateRecords(await ownResults(path, aggregate), model, options);
    return;
  }
  const found = await findAggregate(path);
  const aggregate = found === null ? null : await readAggregate(found);
  yield* sampleRecords({ path, name, isArray: kind === 'samples array', aggregate }, options);
}

/** Results that are not told by samples beside them: of what Sonde wrote, means of questions come with the questions. */
async function ownResults(
  path: string,
  { results, samples }: Aggregate,
): Promise<readonly AggregateResult[]> {
  const means = results.filter(({ isMean }) => isMean);
  if (means.length === 0 || !(await findSamples(path, samples))) return results;
  return results.filter(({ isMean }) => !isMean);
}
