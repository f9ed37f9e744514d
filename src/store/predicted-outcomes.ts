/**
 * What a probe predicted beside what came out, question by question. Both are joined where they lie, and rows say their
 * task and checkpoint by place: a run has millions of them, and names would cost more than all else.
 */
import { join } from 'node:path';
import { type Connection, type Databases, literal, type SqlRow } from './connection.ts';
import { createOutcomeReader } from './outcome-reader.ts';
import { someNumber } from './outcome-rows.ts';
import { itemRate } from './outcome-sql.ts';
import { listParts, type Part, readPartsSql } from './parts.ts';
import { predictionShape } from './record-shapes.ts';
import { createTempTable } from './temp-table.ts';

export type PredictedQuery = {
  readonly suite: string;
  readonly probeId: string;
  /** Outcomes without a filter count, and those of the one that is named. */
  readonly tasks: readonly { readonly task: string; readonly filter: string | null }[];
  readonly checkpoints: readonly string[];
  /** Questions that are to be told apart from others. */
  readonly items: Iterable<string>;
};

export type PredictedOutcome = {
  /** Place in the query's tasks. */
  task: number;
  /** Place in the query's checkpoints. */
  checkpoint: number;
  /** Whether it is one of the query's items. */
  isNamed: boolean;
  /** Predicted probability of a right answer, 0…1. */
  p: number;
  /** How often the answer was right, 0…1. */
  rate: number;
};

/** In the order of the query's tasks and checkpoints, in batches. */
export type PredictedOutcomes = (query: PredictedQuery) => AsyncIterable<PredictedOutcome[]>;

export function createPredictedOutcomes(dir: string, { database }: Databases): PredictedOutcomes {
  const reader = createOutcomeReader(join(dir, 'outcomes'), database);
  return async function* read(query) {
    const { suite, checkpoints } = query;
    const tasks = query.tasks.map(({ task }) => task);
    if (tasks.length === 0 || checkpoints.length === 0) return;
    const predictions = await listParts(join(dir, predictionShape.kind));
    const request = { suite, tasks, checkpoints };
    const batches = reader.rows(request, async (connection, source) => {
      await createPlaces(connection, query);
      const { sql } = await reader.effective(connection, source, request);
      return joinedSql(sql, predictedSql(query, predictions));
    });
    for await (const rows of batches) yield rows.map(toPredictedOutcome);
  };
}

async function createPlaces(
  connection: Connection,
  { tasks, checkpoints, items }: PredictedQuery,
): Promise<void> {
  await createTempTable(
    connection,
    { name: 'asked_tasks', columns: { task: 'VARCHAR', filter: 'VARCHAR', place: 'BIGINT' } },
    tasks.map(({ task, filter }, place) => [task, filter, place]),
  );
  await createTempTable(
    connection,
    { name: 'asked_checkpoints', columns: { checkpoint: 'VARCHAR', place: 'BIGINT' } },
    checkpoints.map((checkpoint, place) => [checkpoint, place]),
  );
  await createTempTable(
    connection,
    { name: 'asked_items', columns: { item: 'VARCHAR' } },
    [...new Set(items)].map((item) => [item]),
  );
}

/** Weights or questions that changed leave several predictions of one item: one of them stands, the same every time. */
function predictedSql({ suite, probeId }: PredictedQuery, parts: readonly Part[]): string {
  return `SELECT c.place AS checkpoint, t.place AS task, item,
      arg_max(p, fingerprint || prompt_sha256) AS p
    FROM ${readPartsSql(parts, predictionShape.columns)} r
    JOIN asked_tasks t ON r.task = t.task JOIN asked_checkpoints c ON r.checkpoint = c.checkpoint
    WHERE suite = ${literal(suite)} AND probe_id = ${literal(probeId)}
    GROUP BY ALL`;
}

function joinedSql(records: string, predicted: string): string {
  const rates = `SELECT c.place AS checkpoint, t.place AS task, item, r.filter, ${itemRate} AS rate
    FROM (${records}) r
    JOIN asked_tasks t ON r.task = t.task JOIN asked_checkpoints c ON r.checkpoint = c.checkpoint
    WHERE item IS NOT NULL AND k IS NOT NULL AND (r.filter IS NULL OR r.filter = t.filter)
    GROUP BY c.place, t.place, item, r.filter`;
  return `SELECT task, checkpoint, item IN (FROM asked_items) AS is_named, p, rate
  FROM (${rates}) JOIN (${predicted}) USING (task, checkpoint, item)
  ORDER BY task, checkpoint, is_named DESC, p, rate`;
}

function toPredictedOutcome(row: SqlRow): PredictedOutcome {
  return {
    task: someNumber(row, 'task'),
    checkpoint: someNumber(row, 'checkpoint'),
    isNamed: row['is_named'] === true,
    p: someNumber(row, 'p'),
    rate: someNumber(row, 'rate'),
  };
}
