import { UserError } from '../error/index.ts';
import {
  type Across,
  describeJoin,
  isLabelSource,
  joinOutcomes,
  type OutcomeJoin,
  type OutcomeRecord,
} from '../outcomes/index.ts';
import type { OutcomeQuery, StatusRow, Store } from '../store/index.ts';
import type { Render, Suite } from '../suite/index.ts';
import type { JobContext } from './progress.ts';

/** Which of the stored outcomes count where there are several. */
export type OutcomeChoice = {
  /** Null: imported outcomes before labelled ones. */
  readonly source: string | null;
  /** Null: the task's declared primary filter, else the only one there is. */
  readonly filter: string | null;
  /** Null: the only temperature there is. */
  readonly temperature: number | null;
  /** Null: the only top-p there is. */
  readonly topP: number | null;
  /** Null: the only few-shot count there is. */
  readonly fewShot: number | null;
  /** `none`, or how a template's hash begins; null: the only chat template there is. */
  readonly chatTemplate: string | null;
  /** Differences across which outcomes are joined all the same. */
  readonly across: readonly Across[];
};

/** No choice: enough where each question was measured in one way. */
export const anyOutcomes: OutcomeChoice = {
  source: null,
  filter: null,
  temperature: null,
  topP: null,
  fewShot: null,
  chatTemplate: null,
  across: [],
};

/** Right answers and answers per item, in the order of the suite; n = 0 where there are none. */
export type ItemCounts = {
  readonly k: Float64Array;
  readonly n: Float64Array;
  /** How the outcomes were joined to the questions, for `noteJoins`. */
  readonly join: OutcomeJoin;
};

/** Outcomes of the suite's questions at one checkpoint. A mean score counts as that share of its answers. */
export async function readItemCounts(
  store: Store,
  { suite, checkpoint, render }: { suite: Suite; checkpoint: string; render: Render },
  choice: OutcomeChoice,
): Promise<ItemCounts> {
  const query: OutcomeQuery = {
    tasks: [...suite.tasks.keys()],
    checkpoints: [checkpoint],
    ...(choice.source === null ? {} : { source: choice.source }),
    ...(choice.filter === null ? {} : { filter: choice.filter }),
  };
  const records = (await store.outcomes.list(query)).filter(
    (record) => isOfPrimaryFilter(record, suite, choice) && isOfSampling(record, choice),
  );
  const join = joinOutcomes(suite, records, render, choice.across);
  const joined = join.byCheckpoint.get(checkpoint) ?? new Map<string, OutcomeRecord>();
  const k = new Float64Array(suite.items.length);
  const n = new Float64Array(suite.items.length);
  suite.items.forEach(({ id }, index) => {
    const record = joined.get(id);
    if (record?.k == null || record.n === null) return;
    n[index] = record.n;
    k[index] = record.kind === 'score' ? record.k * record.n : record.k;
  });
  return { k, n, join };
}

/** Whether a record stands under its task’s declared filter, where one is declared and none was asked for. */
export function isOfPrimaryFilter(
  record: OutcomeRecord,
  suite: Suite,
  choice: OutcomeChoice,
): boolean {
  const primary = suite.tasks.get(record.task)?.filter ?? null;
  const isPrimary = primary === null || record.filter === primary;
  // What Sonde sampled itself is graded by the task's own grader: no harness filter stands between.
  return choice.filter !== null || isPrimary || isLabelSource(record.source);
}

/** Whether a record was sampled and asked as chosen. */
export function isOfSampling(
  record: Pick<OutcomeRecord, 'temperature' | 'topP' | 'fewShot' | 'chatTemplate'>,
  { temperature, topP, fewShot, chatTemplate }: OutcomeChoice,
): boolean {
  return (
    (temperature === null || record.temperature === temperature) &&
    (topP === null || record.topP === topP) &&
    (fewShot === null || record.fewShot === fewShot) &&
    (chatTemplate === null || isOfTemplate(record.chatTemplate, chatTemplate))
  );
}

function isOfTemplate(template: string | null, wanted: string): boolean {
  if (template === null || wanted === noTemplate) return template === wanted;
  return template !== noTemplate && template.startsWith(wanted);
}

/** What a record says where the harness applied no chat template. */
const noTemplate = 'none';

/**
 * Says which option of a choice is to blame where nothing of `within` has it.
 *
 * @throws UserError naming the first option whose value no outcome has, or all of them where only together they match
 *   nothing. Without a choice, or without any outcome, there is nothing to blame.
 */
export async function refuseEmptyChoice(
  store: Store,
  within: Pick<OutcomeQuery, 'suite' | 'tasks' | 'checkpoints'>,
  choice: OutcomeChoice,
  about: string,
): Promise<void> {
  if (choiceOptions.every(({ field }) => choice[field] === null)) return;
  // Imported outcomes hide labelled ones unless these are asked for.
  const labelled = await store.outcomes.status({ ...within, source: 'label' });
  const rows = [...(await store.outcomes.status(within)), ...labelled];
  if (rows.length === 0) return;
  const lacking = findLacking(rows, choice);
  if (lacking !== null) {
    const { option, known, wanted } = lacking;
    throw new UserError(
      `${option}: expected one that outcomes of ${about} have (${describeKnown(known)}), got \`${wanted}\``,
    );
  }
  throw new UserError(
    `${allOptions(choice)}: outcomes of ${about} have each of them, none has them all; leave one out`,
  );
}

/** Why none of these outcomes is one that was chosen, to follow "left out:"; null without a choice. */
export function lackingOption(rows: readonly StatusRow[], choice: OutcomeChoice): string | null {
  if (choiceOptions.every(({ field }) => choice[field] === null)) return null;
  const lacking = findLacking(rows, choice);
  if (lacking === null) return `no outcomes with ${allOptions(choice)} together`;
  const { option, known, wanted } = lacking;
  return `no outcomes with ${option} ${wanted}, ${known.length === 0 ? '' : 'only with '}${describeKnown(known)}`;
}

function allOptions(choice: OutcomeChoice): string {
  return choiceOptions
    .filter(({ field }) => choice[field] !== null)
    .map(({ option, field }) => `${option} ${String(choice[field])}`)
    .join(' ');
}

/** The first option whose value none of the rows has, and the values that they have. */
function findLacking(
  rows: readonly StatusRow[],
  choice: OutcomeChoice,
): { option: string; known: readonly string[]; wanted: string } | null {
  for (const { option, field } of choiceOptions) {
    if (choice[field] === null) continue;
    const wanted = String(choice[field]);
    const values = rows.flatMap((row) =>
      field === 'source' ? sourcesOf(row) : (row[field] ?? []),
    );
    const known = [...new Set(values.map(String))].sort();
    const isKnown = (value: string): boolean =>
      field === 'chatTemplate' ? isOfTemplate(value, wanted) : value === wanted;
    if (!known.some(isKnown)) return { option, known, wanted };
  }
  return null;
}

const choiceOptions = [
  { option: '--source', field: 'source' },
  { option: '--filter', field: 'filter' },
  { option: '--temperature', field: 'temperature' },
  { option: '--top-p', field: 'topP' },
  { option: '--few-shot', field: 'fewShot' },
  { option: '--chat-template', field: 'chatTemplate' },
] as const;

/** A row may have several; `label` stands for every seed. */
function sourcesOf({ source }: StatusRow): readonly string[] {
  const known = source?.split(', ') ?? [];
  return known.some(isLabelSource) ? [...known, 'label'] : known;
}

function describeKnown(known: readonly string[]): string {
  if (known.length === 0) return 'they name none';
  const more = known.length > 5 ? ` and ${known.length - 5} more` : '';
  return `${known.slice(0, 5).join(', ')}${more}`;
}

/** Counts of a checkpoint without any outcome. */
export function noItemCounts(suite: Suite): ItemCounts {
  return {
    k: new Float64Array(suite.items.length),
    n: new Float64Array(suite.items.length),
    join: joinOutcomes(suite, [], 'prompt'),
  };
}

/** As `readItemCounts`; no outcome at all is the user's mistake. */
export async function requireItemCounts(
  ...[store, about, choice]: Parameters<typeof readItemCounts>
): Promise<ItemCounts> {
  const counts = await readItemCounts(store, about, choice);
  if (counts.n.some((answers) => answers > 0)) return counts;
  const from = describeChoice(choice);
  throw new UserError(
    `\`${about.checkpoint}\`: expected outcomes of suite \`${about.suite.name}\`${from}, the store has none; import them (sonde import FILE) or sample them (sonde label ${about.checkpoint} --suite ${about.suite.name})`,
  );
}

/** ` with few-shot \`5\``, …; empty without a choice. */
export function describeChoice(choice: OutcomeChoice): string {
  return choiceOptions
    .filter(({ field }) => choice[field] !== null)
    .map(({ option, field }) => ` with ${option.slice(2)} \`${String(choice[field])}\``)
    .join('');
}

/** Says how outcomes were joined to questions, over all checkpoints together. */
export function noteJoins(counts: readonly ItemCounts[], { note }: JobContext): void {
  const total = (
    field: 'joinedByName' | 'joinedByHash' | 'acrossRenderings' | 'acrossPrompts' | 'taskLevel',
  ): number => counts.reduce((sum, { join }) => sum + join[field], 0);
  const sentences = describeJoin({
    byCheckpoint: new Map(),
    joinedByName: total('joinedByName'),
    joinedByHash: total('joinedByHash'),
    acrossRenderings: total('acrossRenderings'),
    acrossPrompts: total('acrossPrompts'),
    taskLevel: total('taskLevel'),
    refused: counts.flatMap(({ join }) => join.refused),
  });
  for (const sentence of sentences) note(sentence);
}
