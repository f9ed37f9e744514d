import type { ByteReader } from '../../log/byte-reader.ts';
import { fieldIn } from '../../log/fields.ts';
import { isArrayNext, walkArray, walkObject } from '../../log/json-walk.ts';
import { parseJson } from '../../log/parse-json.ts';
import type { LogSample } from './sample.ts';
import { scoreConstants } from './score-value.ts';

/** Scores of questions over their epochs, as the harness reduced them. */
export type LogReduction = {
  readonly scorer: string;
  /** Null where the log names none. */
  readonly reducer: string | null;
  readonly samples: readonly { readonly id: string; readonly value: unknown }[];
};

/** What a log is made of, one after the other. */
export type LogPart =
  | { readonly type: 'member'; readonly key: string; readonly value: unknown }
  | { readonly type: 'sample'; readonly sample: LogSample }
  | { readonly type: 'reduction'; readonly reduction: LogReduction };

/** A log in either of its files. */
export interface InspectLog extends Disposable {
  /** False for the file of a run that did not come to its end. */
  readonly isFinished: boolean;
  /** Everything, the settings (`eval`) first. */
  parts(): AsyncGenerator<LogPart>;
  /** The samples again, with their answers. */
  samples(): AsyncGenerator<LogSample>;
}

/** The reductions of the array that comes next. */
export async function* readReductions(reader: ByteReader, where: string): AsyncGenerator<LogPart> {
  if (!(await isArrayNext(reader))) {
    await reader.skip();
    return;
  }
  for await (const index of walkArray(reader)) {
    yield {
      type: 'reduction',
      reduction: await readReduction(reader, `${where} element ${index + 1}`),
    };
  }
}

async function readReduction(reader: ByteReader, where: string): Promise<LogReduction> {
  let [scorer, reducer]: [string, string | null] = ['', null];
  let samples: { id: string; value: unknown }[] = [];
  for await (const key of walkObject(reader, where)) {
    if (key === 'samples' && (await isArrayNext(reader)))
      samples = await readReduced(reader, where);
    else if (key === 'scorer' || key === 'reducer') {
      const name = parseJson(await reader.value(), where);
      if (typeof name !== 'string') continue;
      if (key === 'scorer') scorer = name;
      else reducer = name;
    } else await reader.skip();
  }
  return { scorer, reducer, samples };
}

/** Their explanations are long, and are not kept. */
async function readReduced(
  reader: ByteReader,
  where: string,
): Promise<{ id: string; value: unknown }[]> {
  const samples: { id: string; value: unknown }[] = [];
  for await (const index of walkArray(reader)) {
    const at = `${where}, sample ${index + 1}`;
    const sample: Record<string, unknown> = {};
    for await (const key of walkObject(reader, at)) {
      if (key === 'value' || key === 'sample_id') {
        sample[key] = parseJson(await reader.value(), at, scoreConstants);
      } else await reader.skip();
    }
    const id = fieldIn(sample, 'sample_id');
    if (typeof id === 'string' || typeof id === 'number') {
      samples.push({ id: String(id), value: sample['value'] });
    }
  }
  return samples;
}
