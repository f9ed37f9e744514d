import { join } from 'node:path';
import type { OutcomeRecord, RecordTable } from '../outcomes/index.ts';
import type { Databases, SqlRow } from './connection.ts';
import { type ItemRate, toItemRate } from './item-rates.ts';
import { mergeFacts, type StoredFacts } from './facts.ts';
import {
  number,
  someNumber,
  someText,
  type StoredOutcome,
  text,
  toStoredOutcome,
} from './outcome-rows.ts';
import {
  chancesSql,
  countsSql,
  differencesSql,
  factsSql,
  filtersSql,
  type OutcomeQuery,
  pairsTable,
  ratesSql,
  sourcesSql,
  statusSql,
  tasksSql,
  unitsTable,
} from './outcome-sql.ts';
import type { PartCells } from './part-cells.ts';
import { createOutcomeReader } from './outcome-reader.ts';
import { listParts, partIdentity } from './parts.ts';
import { createTempTable } from './temp-table.ts';
import { type StoredSource, toStoredSource } from './stored-sources.ts';
import { type OutcomeOrigin, writeOutcomes, type WriteReport } from './write-outcomes.ts';

/** A task at a checkpoint, measured. */
export type StatusRow = StatusCell & {
  step: number | null;
  /** 0 where only the whole task's result is known. */
  items: number;
  /** Above `items` where an item was asked in several ways. */
  questions: number;
  samples: number;
  /** Mean over the items of their rate (or score), 0…1. */
  accuracy: number | null;
  /** Of the accuracy, with the items as clusters. */
  standardError: number | null;
  /** Of the only record that has one, mostly of a whole task. */
  loss: number | null;
  lossUnit: string | null;
  source: string | null;
};

/** What a row is about: how a task was measured at a checkpoint. */
export type StatusCell = {
  suite: string;
  task: string;
  filter: string | null;
  checkpoint: string;
  kind: string;
  temperature: number | null;
  topP: number | null;
  render: string | null;
  fewShot: number | null;
  chatTemplate: string | null;
};

/** Questions of one cell that have the same counts and the same group. */
export type CountedOutcomes = StatusCell & {
  /** Null: each is a unit of its own. */
  group: string | null;
  k: number;
  n: number;
  questions: number;
};

/** By suite and item. */
export type ItemGroups = ReadonlyMap<string, ReadonlyMap<string, string>>;

export type StoredTask = {
  suite: string;
  task: string;
  chance: number | null;
  items: number;
  checkpoints: number;
  filters: readonly string[];
};

/** A task at two checkpoints, under one filter. */
export type TaskPair = {
  readonly suite: string;
  readonly task: string;
  readonly filter: string | null;
  readonly earlier: string;
  readonly later: string;
};

/** Of the questions that both checkpoints answered. */
export type PairedDifference = {
  /** Place of the pair that was asked for. */
  pair: number;
  items: number;
  /** Mean rate at the later checkpoint less that at the earlier one, −1…1. */
  difference: number;
  /** Null for a single question, or a single group of them. */
  standardError: number | null;
};

/** A task at some checkpoints. */
export type TaskQuery = {
  readonly suite: string;
  readonly task: string;
  readonly checkpoints: readonly string[];
};

export interface OutcomeStore {
  /** Whether content of this identity was imported, and counts. */
  has(origin: Pick<OutcomeOrigin, 'identity' | 'files'>): Promise<boolean>;
  /** Writes all records or, where one is refused, none. */
  write(
    records: AsyncIterable<OutcomeRecord> | Iterable<OutcomeRecord>,
    origin: OutcomeOrigin,
  ): Promise<WriteReport>;
  /**
   * The same for a table as a whole, many times faster. Null, and nothing is written, where a row is not surely valid or is
   * refused: then its records are to be written one by one, which says what is wrong.
   *
   * @param beforeKept asked once everything was read; may throw.
   */
  writeTable(
    table: RecordTable,
    origin: OutcomeOrigin,
    beforeKept: () => Promise<void>,
  ): Promise<WriteReport | null>;
  /** The records that count, in batches, in no particular order. */
  stream(query?: OutcomeQuery): AsyncIterable<StoredOutcome[]>;
  /** The records that count, ordered by suite, task, item and checkpoint. */
  list(query?: OutcomeQuery): Promise<StoredOutcome[]>;
  status(query?: OutcomeQuery): Promise<StatusRow[]>;
  /** The counts behind status, in batches, in no particular order. */
  counts(query: OutcomeQuery, groups: ItemGroups): AsyncIterable<CountedOutcomes[]>;
  /** The accuracy of a guess by task, as records tell it; cheaper than `tasks`. */
  chances(): Promise<{ suite: string; task: string; chance: number | null }[]>;
  /** Of one task, ordered by checkpoint, item and filter. */
  rates(about: TaskQuery): AsyncIterable<ItemRate[]>;
  /** In the order of the pairs; those that share no question are left out. */
  differences(pairs: readonly TaskPair[], groups: ItemGroups): Promise<PairedDifference[]>;
  /** Where the records came from, those that came last first. */
  sources(): Promise<StoredSource[]>;
  /** What outcomes say of their checkpoints, ordered by id. */
  checkpoints(query?: OutcomeQuery): Promise<StoredFacts[]>;
  tasks(query?: OutcomeQuery): Promise<StoredTask[]>;
}

/** The outcomes of a store. */
export function createOutcomeStore(dir: string, { database, staging }: Databases): OutcomeStore {
  const kindDir = join(dir, 'outcomes');
  const cells: PartCells = new Map();

  const reader = createOutcomeReader(kindDir, database);

  async function all<T>(
    request: OutcomeQuery,
    build: Parameters<typeof reader.rows>[1],
    read: (row: SqlRow) => T,
  ): Promise<T[]> {
    const result: T[] = [];
    for await (const rows of reader.rows(request, build)) {
      for (const row of rows) result.push(read(row));
    }
    return result;
  }

  return {
    async has({ identity, files }) {
      const wanted = partIdentity(identity, files);
      return (await listParts(kindDir)).some((part) => part.identity === wanted);
    },
    async write(records, origin) {
      const report = await writeOutcomes(await staging(), { records }, { kindDir, origin, cells });
      if (report === null) throw new TypeError('records one by one are written or refused');
      return report;
    },
    async writeTable(table, origin, beforeKept) {
      const incoming = { table, beforeKept };
      return writeOutcomes(await staging(), incoming, { kindDir, origin, cells });
    },
    async *stream(request = {}) {
      const batches = reader.rows(
        request,
        async (connection, source) => (await reader.effective(connection, source, request)).sql,
      );
      for await (const rows of batches) yield rows.map(toStoredOutcome);
    },
    list: (request = {}) =>
      all(
        request,
        async (connection, source) =>
          `SELECT * FROM (${(await reader.effective(connection, source, request)).sql}) ORDER BY suite, task, item, checkpoint`,
        toStoredOutcome,
      ),
    status: (request = {}) =>
      all(
        request,
        async (connection, source) => {
          const { sql, decisions } = await reader.effective(connection, source, request);
          return statusSql(sql, decisions);
        },
        toStatusRow,
      ),
    async *counts(request, groups) {
      const batches = reader.rows(request, async (connection, source) => {
        await createTempTable(connection, unitsTable, unitRows(groups));
        return countsSql((await reader.effective(connection, source, request)).sql);
      });
      for await (const rows of batches) yield rows.map(toCountedOutcomes);
    },
    chances: () =>
      all(
        {},
        (_, { base }) => chancesSql(base),
        (row) => ({
          suite: someText(row, 'suite'),
          task: someText(row, 'task'),
          chance: number(row, 'chance'),
        }),
      ),
    async *rates({ suite, task, checkpoints }) {
      const request = { suite, tasks: [task], checkpoints };
      const batches = reader.rows(request, async (connection, source) =>
        ratesSql((await reader.effective(connection, source, request)).sql),
      );
      for await (const rows of batches) yield rows.map(toItemRate);
    },
    async differences(pairs, groups) {
      if (pairs.length === 0) return [];
      const request = {
        tasks: [...new Set(pairs.map(({ task }) => task))],
        checkpoints: [...new Set(pairs.flatMap(({ earlier, later }) => [earlier, later]))],
      };
      return all(
        request,
        async (connection, source) => {
          await createTempTable(connection, unitsTable, unitRows(groups));
          const rows = pairs.map(({ suite, task, filter, earlier, later }, place) => [
            ...[suite, task, filter, earlier, later, place],
          ]);
          await createTempTable(connection, pairsTable, rows);
          return differencesSql((await reader.effective(connection, source, request)).sql);
        },
        (row) => ({
          pair: someNumber(row, 'place'),
          items: someNumber(row, 'items'),
          difference: someNumber(row, 'difference'),
          standardError: number(row, 'standard_error'),
        }),
      );
    },
    async sources() {
      const parts = new Map((await listParts(kindDir)).map((part) => [part.identity, part]));
      const rows = await all(
        {},
        (_, { base }) => sourcesSql(base),
        (row) => row,
      );
      const sources = await Promise.all(rows.map((row) => toStoredSource(row, parts)));
      return sources
        .filter((source) => source !== null)
        .sort((a, b) => b.writtenAt.getTime() - a.writtenAt.getTime());
    },
    async checkpoints(request = {}) {
      return mergeFacts(
        await all(
          request,
          (_, { base }) => factsSql(base),
          (row) => row,
        ),
      );
    },
    async tasks(request = {}) {
      const filters = await all(
        request,
        (_, { base }) => filtersSql(base),
        (row) => row,
      );
      const rows = await all(
        request,
        (_, { base }) => tasksSql(base),
        (row) => row,
      );
      return rows.map((row) => toStoredTask(row, filters));
    },
  };
}

function* unitRows(groups: ItemGroups): Generator<readonly string[]> {
  for (const [suite, items] of groups) {
    for (const [item, group] of items) yield [suite, item, group];
  }
}

function toCell(row: SqlRow): StatusCell {
  return {
    suite: someText(row, 'suite'),
    task: someText(row, 'task'),
    filter: text(row, 'filter'),
    checkpoint: someText(row, 'checkpoint'),
    kind: someText(row, 'kind'),
    temperature: number(row, 'temperature'),
    topP: number(row, 'top_p'),
    render: text(row, 'render'),
    fewShot: number(row, 'few_shot'),
    chatTemplate: text(row, 'chat_template'),
  };
}

function toCountedOutcomes(row: SqlRow): CountedOutcomes {
  return {
    ...toCell(row),
    group: text(row, 'unit'),
    k: someNumber(row, 'k'),
    n: someNumber(row, 'n'),
    questions: someNumber(row, 'questions'),
  };
}

function toStatusRow(row: SqlRow): StatusRow {
  return {
    ...toCell(row),
    step: number(row, 'step'),
    items: someNumber(row, 'items'),
    questions: someNumber(row, 'questions'),
    samples: someNumber(row, 'samples'),
    accuracy: number(row, 'accuracy'),
    standardError: number(row, 'standard_error'),
    loss: number(row, 'loss'),
    lossUnit: text(row, 'loss_unit'),
    source: text(row, 'source'),
  };
}

function toStoredTask(row: SqlRow, filters: readonly SqlRow[]): StoredTask {
  const suite = someText(row, 'suite');
  const task = someText(row, 'task');
  return {
    suite,
    task,
    chance: number(row, 'chance'),
    items: someNumber(row, 'items'),
    checkpoints: someNumber(row, 'checkpoints'),
    filters: filters
      .filter((filter) => filter['suite'] === suite && filter['task'] === task)
      .map((filter) => someText(filter, 'filter')),
  };
}
