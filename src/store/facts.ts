import { columnOf, type FactField, factFields, type OutcomeRecord } from '../outcomes/index.ts';
import { type SqlRow, type SqlValue } from './connection.ts';
import { number, someText, text } from './outcome-rows.ts';

/** What outcomes say of a checkpoint, all sources together. */
export type StoredFacts = Pick<OutcomeRecord, 'checkpoint' | FactField> & {
  /** Facts on which sources disagree, with every value; the fact above is the newest source's. */
  disagreements: readonly { field: FactField; values: readonly (string | number)[] }[];
};

/** Joins rows of facts, ordered by checkpoint and oldest first: null agrees with anything, the newest value counts. */
export function mergeFacts(rows: readonly SqlRow[]): StoredFacts[] {
  const groups = new Map<string, SqlRow[]>();
  for (const row of rows) {
    const checkpoint = someText(row, 'checkpoint');
    const members = groups.get(checkpoint) ?? [];
    members.push(row);
    groups.set(checkpoint, members);
  }
  return [...groups].map(([checkpoint, members]) => {
    const newest = Object.fromEntries(
      factFields.map((field) => [columnOf(field), valuesOf(members, field).at(-1) ?? null]),
    ) satisfies Record<string, SqlValue>;
    return {
      checkpoint,
      run: text(newest, 'run'),
      family: text(newest, 'family'),
      stage: text(newest, 'stage'),
      step: number(newest, 'step'),
      tokens: number(newest, 'tokens'),
      params: number(newest, 'params'),
      paramsNonEmbedding: number(newest, 'params_non_embedding'),
      flops: number(newest, 'flops'),
      disagreements: factFields
        .map((field) => ({ field, values: [...new Set(valuesOf(members, field))] }))
        .filter(({ values }) => values.length > 1),
    };
  });
}

function valuesOf(rows: readonly SqlRow[], field: FactField): (string | number)[] {
  return rows
    .map((row) => row[columnOf(field)] ?? null)
    .filter(
      (value): value is string | number => typeof value === 'string' || typeof value === 'number',
    );
}
