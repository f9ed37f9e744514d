import { UserError } from '../error/index.ts';
import {
  columnOf,
  differingFields,
  type LogFilter,
  mergeOutcomes,
  type MergeResult,
  outcomeGroup,
  type OutcomeRecord,
  type RecordTable,
} from '../outcomes/index.ts';
import { type Connection, type Database, SqlError, type SqlParameters } from './connection.ts';
import { number, someNumber, someText, text, toRecord } from './outcome-rows.ts';
import {
  baseSql,
  keptSql,
  meetingSql,
  stagedCountsSql,
  storedSql,
  whereSql,
} from './outcome-sql.ts';
import { otherReadings, type Restated } from './other-readings.ts';
import { type PartCells, sameCells } from './part-cells.ts';
import { damagedPart, listParts, type Part, partIdentity, partPath, writePart } from './parts.ts';
import { createStaging, type RowOf, type Staging } from './staging.ts';
import { disagreementsSql, sureRowsSql } from './sure-rows.ts';

export type OutcomeOrigin = {
  /** Says which content this is, with every option that changes how it is read: the same again is not written twice. */
  identity: string;
  /** Shown as the source of records that name none. */
  name: string | null;
  /** Records that contradict stored ones take their place, instead of being refused. */
  replace: boolean;
  /** Says which files were read, where these can be read in several ways: a log does not always name its checkpoint. */
  files?: string | null;
  /** Whether a person said which checkpoints the files are about; asked once all records were given. */
  areStated?: () => boolean;
  /** Filters whose records of items are none after all; asked once all records were given. */
  withdrawn?: () => readonly LogFilter[];
};

export type WriteReport = {
  /** The part that was written; null where everything was there already. */
  part: string | null;
  added: number;
  unchanged: number;
  superseded: number;
  /** The same files stand in the store under other checkpoints: these, and how many records. */
  restated: Restated | null;
  /** Distinct checkpoints, tasks, items and the answers behind them, of all the records given. */
  checkpoints: number;
  tasks: number;
  items: number;
  samples: number;
};

type Meeting = Pick<WriteReport, 'unchanged' | 'superseded'> & {
  /** Some record to be stored is of a group that the store knows. */
  meets: boolean;
};

/** What is to be written: records one by one, or a table that is read where every row is surely valid. */
export type Incoming =
  | { readonly records: AsyncIterable<OutcomeRecord> | Iterable<OutcomeRecord> }
  | {
      readonly table: RecordTable;
      /** Asked before anything gets its name; may throw. */
      readonly beforeKept: () => Promise<void>;
    };

type Destination = {
  readonly kindDir: string;
  readonly origin: OutcomeOrigin;
  readonly cells: PartCells;
};

/**
 * Writes records as one part, or nothing at all. They are staged in files: memory is bounded however many there are. What
 * was read of the same files about other checkpoints stops counting where a person said which they are about (or with
 * `replace`); else nothing is written.
 *
 * @returns null, and nothing is written, for a table that is not surely valid or has records that are refused: its records
 * are to be given one by one.
 * @throws UserError for a record that stands twice, or contradicts a stored one while `replace` is off.
 */
export async function writeOutcomes(
  database: Database,
  incoming: Incoming,
  destination: Destination,
): Promise<WriteReport | null> {
  const { origin } = destination;
  return database.withConnection(async (connection) => {
    const marks = {
      part: partIdentity(origin.identity, origin.files),
      origin: origin.identity,
      name: origin.name,
    };
    await using staging = await createStaging(connection, marks);
    if ('records' in incoming) {
      const rowOf = await staging.add(incoming.records);
      await staging.createView(origin.withdrawn?.() ?? []);
      return await writeStaged(connection, staging, { ...destination, rowOf });
    }
    try {
      if (!(await stageTable(connection, staging, incoming.table))) return null;
      await incoming.beforeKept();
      return await writeStaged(connection, staging, { ...destination, rowOf: (row) => row });
    } catch (error) {
      if (error instanceof RefusedRecord) return null;
      throw error;
    }
  });
}

/** False where a row is not surely valid. */
async function stageTable(
  connection: Connection,
  staging: Staging,
  table: RecordTable,
): Promise<boolean> {
  try {
    await staging.copy(sureRowsSql(table));
  } catch (error) {
    if (error instanceof SqlError) return false;
    throw error;
  }
  await staging.createView([]);
  const [row = {}] = await connection.rows(disagreementsSql('staged'));
  const [first] = await connection.rows('SELECT row FROM staged LIMIT 1');
  return first !== undefined && someNumber(row, 'disagreements') === 0;
}

async function writeStaged(
  connection: Connection,
  staging: Staging,
  { kindDir, origin, cells, rowOf }: Destination & { readonly rowOf: RowOf },
): Promise<WriteReport> {
  await connection.run('CREATE TEMP TABLE dropped (row BIGINT)');
  const parts = await listParts(kindDir);
  const inWords = (error: unknown): never => {
    throw damagedPart(error, parts) ?? error;
  };
  const earlier = await otherReadings(connection, parts, origin).catch(inWords);
  const counts = await countStaged(connection);
  const report = { part: null, restated: earlier?.restated ?? null, ...counts.report };
  const restates = earlier !== null;
  if (restates && !origin.replace && origin.areStated?.() !== true) {
    return { ...report, added: 0, unchanged: counts.records, superseded: 0 };
  }
  const others = parts.filter((part) => earlier?.parts.includes(part) !== true);
  const near = await sameCells(connection, others, cells).catch(inWords);
  const stored = await storedSide(connection, near);
  const { meets, ...meeting } = await meet(connection, { stored, rowOf }, origin).catch(inWords);
  // A part that stands in for others is whole: what it shares with third ones may be restated in its turn.
  const dropped = restates ? 0 : meeting.unchanged;
  const added = counts.records - dropped;
  if (added === 0) return { ...report, added, ...meeting };
  const last = parts.at(-1)?.revision ?? 0;
  // What adds to a stored record goes behind whatever that one superseded.
  const revision = meets || restates ? last + 1 : 0;
  const identity = partIdentity(origin.identity, origin.files);
  const path = partPath(kindDir, { run: counts.run, identity, revision, restates });
  if (revision > 0 || dropped > 0 || !(await staging.keep(path))) {
    await oneThread(connection, () =>
      writePart(connection, path, storedSql(revision, dropped > 0)),
    );
  }
  return { ...report, added, ...meeting, part: path };
}

/** Several threads that keep an order hold what the others are to write. */
async function oneThread(connection: Connection, work: () => Promise<void>): Promise<void> {
  const [row = {}] = await connection.rows("SELECT current_setting('threads') AS threads");
  await connection.run('SET threads = 1');
  try {
    await work();
  } finally {
    await connection.run(`SET threads = ${someNumber(row, 'threads')}`);
  }
}

/** A query with named values. */
type Query = { sql: string; parameters: SqlParameters };

/** More checkpoints than this are not worth a condition. */
const maxNamedCheckpoints = 200;

/** What is stored of the staged checkpoints and counts; null where nothing is. */
async function storedSide(connection: Connection, parts: readonly Part[]): Promise<Query | null> {
  if (parts.length === 0) return null;
  const rows = await connection.rows('SELECT DISTINCT checkpoint FROM staged');
  const checkpoints = rows.map((row) => someText(row, 'checkpoint'));
  const named = checkpoints.length <= maxNamedCheckpoints ? { checkpoints } : {};
  const { where, parameters } = whereSql(named);
  return { sql: keptSql(baseSql(parts, where), parts), parameters };
}

/** A meeting record's number among the staged ones (0 for a stored one), and who says it. */
type Place = { row: number; source: string | null };
type PlaceOf = (record: OutcomeRecord) => Place;

/** Settles the groups in which staged records meet each other or stored ones; unchanged ones are marked as dropped. */
async function meet(
  connection: Connection,
  { stored, rowOf }: { stored: Query | null; rowOf: RowOf },
  origin: OutcomeOrigin,
): Promise<Meeting> {
  const meeting: Meeting = { unchanged: 0, superseded: 0, meets: false };
  const dropped: number[] = [];
  const places = new Map<OutcomeRecord, Place>();
  const placeOf: PlaceOf = (record) => places.get(record) ?? { row: 0, source: null };
  let existing: OutcomeRecord[] = [];
  let staged: OutcomeRecord[] = [];
  const settle = (): void => {
    const result = mergeOutcomes(existing, staged, origin);
    refuse(result, { placeOf, rowOf });
    meeting.unchanged += result.unchanged.length;
    meeting.superseded += result.superseded.length;
    meeting.meets ||= existing.length > 0 && result.added.length > 0;
    for (const record of result.unchanged) dropped.push(placeOf(record).row);
    places.clear();
    existing = [];
    staged = [];
  };
  for await (const { side, row, record, name } of meetingRecords(connection, stored)) {
    const first = existing[0] ?? staged[0];
    if (first !== undefined && outcomeGroup(first) !== outcomeGroup(record)) settle();
    places.set(record, { row, source: record.source ?? (side === 0 ? name : origin.name) });
    (side === 0 ? existing : staged).push(record);
  }
  settle();
  await drop(connection, dropped);
  return meeting;
}

async function* meetingRecords(
  connection: Connection,
  stored: Query | null,
): AsyncGenerator<{ side: number; row: number; record: OutcomeRecord; name: string | null }> {
  for await (const rows of connection.stream(meetingSql(stored?.sql ?? null), stored?.parameters)) {
    for (const row of rows) {
      yield {
        ...{ side: someNumber(row, 'side'), row: someNumber(row, 'row') },
        ...{ record: toRecord(row), name: text(row, 'origin_name') },
      };
    }
  }
}

async function drop(connection: Connection, rows: readonly number[]): Promise<void> {
  const appender = await connection.append('dropped', ['BIGINT']);
  for (const row of rows) appender.add([row]);
  appender.close();
}

async function countStaged(connection: Connection): Promise<{
  records: number;
  run: string | null;
  report: Pick<WriteReport, 'checkpoints' | 'tasks' | 'items' | 'samples'>;
}> {
  const [row = {}] = await connection.rows(stagedCountsSql);
  const records = someNumber(row, 'records');
  const oneRun =
    text(row, 'first_run') === text(row, 'last_run') && number(row, 'with_run') === records;
  return {
    records,
    run: oneRun ? text(row, 'first_run') : null,
    report: {
      checkpoints: someNumber(row, 'checkpoints'),
      tasks: someNumber(row, 'tasks'),
      items: someNumber(row, 'items'),
      samples: someNumber(row, 'samples'),
    },
  };
}

/** A record that meets another one. */
class RefusedRecord extends UserError {}

function refuse(
  result: MergeResult,
  { placeOf, rowOf }: { readonly placeOf: PlaceOf; readonly rowOf: RowOf },
): void {
  const twice = result.twice[0];
  if (twice !== undefined) {
    const rows = [twice.first, twice.second].map((record) => rowOf(placeOf(record).row));
    throw new RefusedRecord(
      `\`outcomes\`: ${describe(twice.first)} stands twice, in rows ${rows.join(' and ')}: keep one (samples of one question add up only where both rows name a seed and the seeds differ)`,
    );
  }
  const conflict = result.conflicts[0];
  if (conflict === undefined) return;
  const { existing, incoming } = conflict;
  const { row, source } = placeOf(incoming);
  throw new RefusedRecord(
    `\`outcomes\`: ${describe(incoming)} is in the store${from(placeOf(existing).source)} with ${differences(existing, incoming)} (row ${rowOf(row)}${from(source)}): pass --replace to let the new records stand in for the old ones`,
  );
}

function from(source: string | null): string {
  return source === null ? '' : ` from \`${source}\``;
}

function describe({ suite, task, item, checkpoint }: OutcomeRecord): string {
  const what = item === null ? `task \`${task}\`` : `item \`${item}\` of task \`${task}\``;
  return `${what} (suite \`${suite}\`) at checkpoint \`${checkpoint}\``;
}

function differences(existing: OutcomeRecord, incoming: OutcomeRecord): string {
  return differingFields(existing, incoming)
    .map(
      (field) =>
        `\`${columnOf(field)}\` ${String(existing[field])} instead of ${String(incoming[field])}`,
    )
    .join(', ');
}
