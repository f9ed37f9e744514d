import { basename } from 'node:path';
import { UserError } from '../../error/index.ts';
import type { Importer, ImportOptions } from '../importer.ts';
import { validRecords } from '../log/valid-records.ts';
import type { OutcomeRecord } from '../record.ts';
import { readAggregate } from './every-eval-ever/aggregate.ts';
import { aggregateRecords } from './every-eval-ever/aggregate-records.ts';
import { documentKind, findAggregate } from './every-eval-ever/files.ts';
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
    yield* aggregateRecords(aggregate, model, options);
    return;
  }
  const found = await findAggregate(path);
  const aggregate = found === null ? null : await readAggregate(found);
  yield* sampleRecords({ path, name, isArray: kind === 'samples array', aggregate }, options);
}
