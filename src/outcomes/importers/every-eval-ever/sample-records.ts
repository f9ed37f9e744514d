/** The records of a file of samples. */
import { promptSha256, type Item } from '../../../suite/index.ts';
import { fieldsIn, isOurs } from '../../every-eval-ever/details.ts';
import type { ImportOptions } from '../../importer.ts';
import { makeRecord } from '../../log/blank-record.ts';
import { listIn, textIn } from '../../log/fields.ts';
import { logItem, logItemId, logTask } from '../../log/log-task.ts';
import { Repeats } from '../../log/repeats.ts';
import type { OutcomeRecord } from '../../record.ts';
import type { Aggregate } from './aggregate.ts';
import { claimedAccuracy } from './aggregate-records.ts';
import { findGroups, type Group } from './groups.ts';
import { type ModelOfLog, modelOf, ownModel } from './model.ts';
import { readSamples, type Sample } from './sample.ts';

type SamplesFile = {
  readonly path: string;
  readonly name: string;
  readonly isArray: boolean;
  /** The results of the run; null where they are not found. */
  readonly aggregate: Aggregate | null;
};

export async function* sampleRecords(
  file: SamplesFile,
  options: ImportOptions,
): AsyncGenerator<OutcomeRecord> {
  const groups = await findGroups(file.path, file.aggregate, file);
  const models = createModels(file, options);
  const answers = new Map<string, number>();
  const repeats = new Repeats();
  const recordOf = createRecordMaker(options);
  for await (const sample of readSamples(file.path, file)) {
    const model = await models.of(sample);
    const { item, isAsked } = questionOf(sample);
    let kept = false;
    for (const [metric, score] of sample.scores) {
      const group = groups.of(sample, metric);
      if (group?.scale == null) continue;
      kept = true;
      const record = recordOf(sample, { item, isAsked, model, group, score: score / group.scale });
      if (group.repeats && !isOurs(sample.metadata)) repeats.add(record);
      else yield record;
    }
    if (!kept) continue;
    if (isAsked) options.onQuestion?.({ item, task: taskOf(item) });
    tellAnswers(sample, { item, model, answers, options });
  }
  yield* repeats.records();
  for (const group of groups.all()) tellGroup(group, models.known(), options);
  if (file.aggregate === null) {
    options.onNotice?.(
      'the document with the results of this run is not here: its accuracies cannot be checked',
    );
  }
}

/** Names each model once. */
function createModels(
  { aggregate, name }: SamplesFile,
  options: ImportOptions,
): { of(sample: Sample): Promise<ModelOfLog>; known(): readonly ModelOfLog[] } {
  const known = new Map<string, ModelOfLog>();
  return {
    async of({ model: id, metadata }) {
      const own = ownModel(metadata);
      const key = own === null ? `model ${id ?? ''}` : `own ${own.checkpoint}`;
      const found = known.get(key);
      if (found !== undefined) return found;
      // What the document says is of its own model.
      const told = id === null || textIn(aggregate?.model, 'id') === id;
      const info = told ? (aggregate?.model ?? null) : null;
      const model = own ?? (await modelOf({ info, id, name }, options));
      known.set(key, model);
      return model;
    },
    known: () => [...known.values()],
  };
}

function questionOf(sample: Sample): { item: Item; isAsked: boolean } {
  const { task, id, input } = sample;
  const prompt = textIn(input, 'formatted') ?? textIn(input, 'raw');
  const own = isOurs(sample.metadata) ? textIn(sample.metadata, 'item') : null;
  const choices = texts(listIn(input, 'choices'));
  const item = logItem({
    task,
    id: own ?? logItemId(task, id),
    prompt,
    target: texts(listIn(input, 'reference')),
    choices: choices.length > 0 ? choices : null,
  });
  return { item, isAsked: prompt !== null };
}

function texts(list: readonly unknown[] | null): string[] {
  return (list ?? []).filter((one): one is string => typeof one === 'string');
}

function taskOf({ task, choices }: Item): ReturnType<typeof logTask> {
  const count = choices?.length ?? 0;
  return logTask({ name: task, chance: count > 1 ? 1 / count : undefined });
}

type Scored = {
  readonly item: Item;
  readonly isAsked: boolean;
  readonly model: ModelOfLog;
  readonly group: Group;
  readonly score: number;
};
type RecordMaker = (sample: Sample, scored: Scored) => OutcomeRecord;

function createRecordMaker(options: ImportOptions): RecordMaker {
  // What the records of one group and model have in common: made once, since there may be millions.
  const templates = new Map<Group, Map<ModelOfLog, OutcomeRecord>>();
  const templateOf = (group: Group, model: ModelOfLog): OutcomeRecord => {
    const ofGroup = templates.get(group) ?? new Map<ModelOfLog, OutcomeRecord>();
    templates.set(group, ofGroup);
    const record = ofGroup.get(model) ?? template(group, model, options);
    ofGroup.set(model, record);
    return record;
  };
  return (sample, { item, isAsked, model, group, score }) => {
    const { metadata } = sample;
    if (isOurs(metadata)) return ownRecord(sample, { item, model, options });
    return {
      ...templateOf(group, model),
      item: item.id,
      k: score,
      render: isAsked ? 'prompt' : null,
      promptSha256: isAsked ? promptSha256(item, 'prompt') : null,
      documentHash: textIn(metadata, 'doc_hash') ?? sample.hash,
      targetHash: textIn(metadata, 'target_hash'),
    };
  };
}

function template(group: Group, model: ModelOfLog, options: ImportOptions): OutcomeRecord {
  const { result, filter, kind, task } = group;
  return makeRecord({
    ...model,
    suite: options.suite ?? 'every-eval-ever',
    task,
    kind,
    n: 1,
    filter,
    temperature: result?.temperature ?? null,
    topP: result?.topP ?? null,
    fewShot: result?.fewShot ?? null,
  });
}

/** The record as Sonde wrote it down. */
function ownRecord(
  { task, metadata }: Sample,
  { item, model, options }: { item: Item; model: ModelOfLog; options: ImportOptions },
): OutcomeRecord {
  const own = fieldsIn(metadata);
  return makeRecord({
    ...own,
    suite: options.suite ?? own.suite ?? 'every-eval-ever',
    checkpoint: model.checkpoint,
    task,
    item: item.id,
  });
}

function tellAnswers(
  sample: Sample,
  {
    item,
    model,
    answers,
    options,
  }: { item: Item; model: ModelOfLog; answers: Map<string, number>; options: ImportOptions },
): void {
  if (options.onAnswer === undefined) return;
  const given = texts(listIn(sample.output, 'raw'));
  const key = `${model.checkpoint}\n${item.id}`;
  const before = answers.get(key) ?? 0;
  given.forEach((answer, index) => {
    const only = given.length === 1 && sample.scores.length === 1;
    options.onAnswer?.({
      task: item.task,
      item: item.id,
      checkpoint: model.checkpoint,
      filter: null,
      sample: before + index,
      answer,
      extracted: only ? sample.extracted : null,
      grade: only ? shareOf(sample.scores[0]?.[1] ?? null) : null,
    });
  });
  answers.set(key, before + given.length);
}

function shareOf(score: number | null): number | null {
  return score !== null && score >= 0 && score <= 1 ? score : null;
}

function tellGroup(group: Group, models: readonly ModelOfLog[], options: ImportOptions): void {
  const { task, filter, result, scale } = group;
  if (scale === null) {
    options.onNotice?.(
      `task \`${task}\`${filter === null ? '' : ` (${filter})`}: its scores of single samples are not in 0…1 and left out; the result of the task is kept`,
    );
    return;
  }
  const accuracy = result === null ? null : claimedAccuracy(result);
  const [model] = models;
  if (accuracy === null || model === undefined || models.length > 1) return;
  options.onClaim?.({ task, checkpoint: model.checkpoint, filter, accuracy });
}
