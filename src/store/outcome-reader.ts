/** Records of outcomes as they are read: from all parts, with what has to be decided between them. */
import type { Connection, Database, SqlParameters, SqlRow } from './connection.ts';
import { someNumber } from './outcome-rows.ts';
import {
  addedSql,
  baseSql,
  type Decisions,
  decisionsSql,
  keptSql,
  type OutcomeQuery,
  plainSql,
  preferImportedSql,
  whereSql,
} from './outcome-sql.ts';
import { damagedPart, listParts, type Part } from './parts.ts';

/** What a query reads. */
export type OutcomeSource = { base: string; parts: readonly Part[] };

export interface OutcomeReader {
  /** Rows of a query over the records that meet the conditions, in batches; nothing where there are no parts. */
  rows(
    request: OutcomeQuery,
    build: (connection: Connection, source: OutcomeSource) => Promise<string> | string,
  ): AsyncIterable<SqlRow[]>;
  /** SQL of the records that count, with only those decisions in it that there are. */
  effective(
    connection: Connection,
    source: OutcomeSource,
    request: OutcomeQuery,
  ): Promise<{ sql: string; decisions: Decisions }>;
}

export function createOutcomeReader(
  kindDir: string,
  database: () => Promise<Database>,
): OutcomeReader {
  return {
    async *rows(request, build) {
      const { where, parameters } = whereSql(request);
      const parts = await listParts(kindDir);
      if (parts.length === 0) return;
      const connection = await (await database()).connect();
      try {
        const sql = await build(connection, { base: baseSql(parts, where), parts });
        yield* connection.stream(sql, parameters);
      } catch (error) {
        throw damagedPart(error, parts) ?? error;
      } finally {
        connection.close();
      }
    },
    async effective(connection, { base, parts }, request) {
      const decisions = await decide(connection, base, whereSql(request).parameters);
      const kept = decisions.contested ? keptSql(base, parts) : base;
      const chosen =
        decisions.labelled && request.source === undefined ? preferImportedSql(kept, base) : kept;
      return { sql: decisions.contested ? addedSql(chosen) : plainSql(chosen), decisions };
    },
  };
}

async function decide(
  connection: Connection,
  base: string,
  parameters: SqlParameters,
): Promise<Decisions> {
  const [row = {}] = await connection.rows(decisionsSql(base), parameters);
  return {
    contested: someNumber(row, 'contested') > 0,
    labelled: someNumber(row, 'labelled') > 0,
    hashed: someNumber(row, 'hashed') > 0,
    asked: someNumber(row, 'asked') > 0,
  };
}
