/**
 * Outcomes of some checkpoints as forecasts need them: per task and checkpoint a column of right answers and answers over
 * the task's items, in typed arrays. Results under different filters or samplings stand in different columns; which of
 * them count is decided later (`choose-columns.ts`).
 */
import type { OutcomeKind, OutcomeRecord } from '../../outcomes/index.ts';

/** How something was measured; null where the source does not tell. */
export type Measurement = {
  readonly filter: string | null;
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly fewShot: number | null;
  readonly chatTemplate: string | null;
  readonly kind: OutcomeKind;
  /** `prompt` or `messages`; both, in one order, where some items were asked in one way and some in the other. */
  readonly render: string | null;
};

/** What distinguishes columns of one checkpoint: an item has one result in each, in whichever rendering. */
type ColumnKey = Omit<Measurement, 'render'>;

/** What tells one question from another under the same id. */
export const hashNames = ['prompt', 'document', 'target'] as const;
export type HashName = (typeof hashNames)[number];

/** A list by row each; null where no record tells. */
export type QuestionHashes = Record<HashName, (string | null)[] | null>;

/** Results per item at one checkpoint under one measurement. */
export type ItemColumn = ColumnKey & {
  /** Grows with the records. */
  render: string | null;
  /** Right answers by row of the task's items; NaN where the item was not asked. */
  right: Float64Array;
  /** Answers, at least 1 where the item was asked. */
  answers: Float64Array;
  /** What was asked, by row. */
  readonly hashes: QuestionHashes;
  /** Items with a result. */
  count: number;
  /** An item with two results (another rendering or another prompt); null mostly. */
  twice: string | null;
};

/** The result of a whole task at one checkpoint under one measurement. */
export type TaskResult = Measurement & { readonly k: number; readonly n: number };

export type TaskLoss = { readonly loss: number; readonly unit: string | null };

/** Everything known of one task at one checkpoint. */
export type TaskAt = {
  readonly columns: ItemColumn[];
  readonly results: TaskResult[];
  readonly losses: TaskLoss[];
  /** Chance levels that records name; one mostly. */
  readonly chances: number[];
};

export type TaskOutcomes = {
  readonly task: string;
  /** Item ids by row, in the order of their arrival. */
  readonly items: string[];
  readonly rows: Map<string, number>;
  /** By checkpoint. */
  readonly at: Map<string, TaskAt>;
};

export type OutcomeTable = {
  readonly suite: string;
  /** By name, sorted once the table is complete. */
  readonly tasks: ReadonlyMap<string, TaskOutcomes>;
};

/** A table that is filled record by record. */
export type OutcomeTableBuilder = {
  readonly add: (record: OutcomeRecord) => void;
  readonly build: () => OutcomeTable;
};

export function createOutcomeTable(suite: string): OutcomeTableBuilder {
  const tasks = new Map<string, TaskOutcomes>();
  return {
    add(record) {
      const { task: name, checkpoint, chance } = record;
      const task = getOrMake(tasks, name, () => newTask(name));
      const at = getOrMake(task.at, checkpoint, newTaskAt);
      if (chance !== null && !at.chances.includes(chance)) at.chances.push(chance);
      if (record.item === null) addResult(at, record);
      else addItem(task, at, record);
    },
    build: () => ({
      suite,
      tasks: new Map([...tasks].sort(([a], [b]) => (a < b ? -1 : 1))),
    }),
  };
}

function newTask(task: string): TaskOutcomes {
  return { task, items: [], rows: new Map(), at: new Map() };
}

function newTaskAt(): TaskAt {
  return { columns: [], results: [], losses: [], chances: [] };
}

function addResult({ results, losses }: TaskAt, record: OutcomeRecord): void {
  const { k, n, loss, lossUnit: unit } = record;
  if (loss !== null && !losses.some((one) => one.loss === loss && one.unit === unit)) {
    losses.push({ loss, unit });
  }
  if (k !== null && n !== null) results.push({ ...measurementOf(record), k, n });
}

function addItem(task: TaskOutcomes, { columns }: TaskAt, record: OutcomeRecord): void {
  const { item, k, n } = record;
  if (item === null || k === null || n === null) return;
  const row = getOrMake(task.rows, item, () => task.items.push(item) - 1);
  let column = columns.find((one) => isSameColumn(one, record));
  if (column === undefined) {
    column = { ...measurementOf(record), ...emptyColumn() };
    columns.push(column);
  }
  reserve(column, row);
  if (!Number.isNaN(column.right[row])) column.twice ??= item;
  else column.count += 1;
  column.render = joinRenders(column.render, record.render);
  column.right[row] = record.kind === 'score' ? k * n : k;
  column.answers[row] = n;
  keepHash(column.hashes, 'prompt', row, record.promptSha256);
  keepHash(column.hashes, 'document', row, record.documentHash);
  keepHash(column.hashes, 'target', row, record.targetHash);
}

function keepHash(hashes: QuestionHashes, name: HashName, row: number, hash: string | null): void {
  if (hash === null) return;
  const list = (hashes[name] ??= []);
  while (list.length <= row) list.push(null);
  list[row] = hash;
}

/** What a result was measured by, alone. */
export function measurementOf(measurement: Measurement): Measurement {
  const { filter, temperature, topP, fewShot, chatTemplate, kind, render } = measurement;
  return { filter, temperature, topP, fewShot, chatTemplate, kind, render };
}

function joinRenders(known: string | null, more: string | null): string | null {
  if (known === null || more === null || known === more) return known ?? more;
  return [...new Set([...known.split(renderJoint), more])].sort().join(renderJoint);
}

const renderJoint = ' and ';

function isSameColumn(a: ColumnKey, b: ColumnKey): boolean {
  return (
    a.filter === b.filter &&
    a.temperature === b.temperature &&
    a.topP === b.topP &&
    a.fewShot === b.fewShot &&
    a.chatTemplate === b.chatTemplate &&
    a.kind === b.kind
  );
}

function emptyColumn(): Omit<ItemColumn, keyof Measurement> {
  return {
    right: new Float64Array(0),
    answers: new Float64Array(0),
    hashes: { prompt: null, document: null, target: null },
    count: 0,
    twice: null,
  };
}

/** Makes room for a row: items arrive one by one, and how many there are is not known before. */
function reserve(column: ItemColumn, row: number): void {
  if (row < column.right.length) return;
  const length = Math.max(256, 2 * column.right.length, row + 1);
  column.right = grow(column.right, length);
  column.answers = grow(column.answers, length);
}

function grow(values: Float64Array, length: number): Float64Array {
  const grown = new Float64Array(length).fill(Number.NaN);
  grown.set(values);
  return grown;
}

function getOrMake<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
