/** The SQL over outcome parts. Which records count is decided here, at reading: parts are never edited. */
import { outcomeColumns } from '../outcomes/index.ts';
import { literal, type SqlParameters, type SqlType, type SqlValue } from './connection.ts';
import { type Part, readPartsSql } from './parts.ts';
import type { TempTable } from './temp-table.ts';

export type OutcomeQuery = {
  suite?: string;
  tasks?: readonly string[];
  checkpoints?: readonly string[];
  items?: readonly string[];
  /** A record's source, or the name of the file that it was imported from; `label` stands for every `label:<seed>`. */
  source?: string;
  filter?: string;
};

const sqlTypes = { text: 'VARCHAR', number: 'DOUBLE', whole: 'BIGINT' } as const;

export const recordColumns: readonly { name: string; type: SqlType }[] = outcomeColumns.map(
  ({ column, type }) => ({ name: column, type: sqlTypes[type] }),
);

/** The columns of a record, in the order of the parts. */
export const recordNames: string = recordColumns.map(({ name }) => name).join(', ');

/** A group holds the alternatives for one question, checkpoint and sampling; `outcomeGroup` is the same in memory. */
const group =
  'suite, task, item, checkpoint, temperature, top_p, filter, render, prompt_sha256, few_shot, chat_template, document_hash, target_hash, is_label';

/** Conditions and parameters of a query. */
export function whereSql(query: OutcomeQuery): { where: string; parameters: SqlParameters } {
  const parameters: Record<string, SqlValue> = {};
  const bind = (value: SqlValue): string => {
    const name = `p${Object.keys(parameters).length}`;
    parameters[name] = value;
    return `$${name}`;
  };
  const oneOf = (values: readonly string[]): string =>
    values.length === 0 ? 'IN (NULL)' : `IN (${values.map(bind).join(', ')})`;
  const conditions: string[] = ['true'];
  if (query.suite !== undefined) conditions.push(`suite = ${bind(query.suite)}`);
  if (query.tasks !== undefined) conditions.push(`task ${oneOf(query.tasks)}`);
  if (query.checkpoints !== undefined) conditions.push(`checkpoint ${oneOf(query.checkpoints)}`);
  if (query.items !== undefined) conditions.push(`item ${oneOf(query.items)}`);
  if (query.filter !== undefined) conditions.push(`filter = ${bind(query.filter)}`);
  if (query.source === 'label') conditions.push("starts_with(source, 'label:')");
  else if (query.source !== undefined) {
    conditions.push(`coalesce(source, origin_name) = ${bind(query.source)}`);
  }
  return { where: conditions.join(' AND '), parameters };
}

/** Every stored record that meets the conditions, with `is_label`. */
export function baseSql(parts: readonly Part[], where: string): string {
  return `SELECT ${recordNames}, origin_name, revision, part,
    coalesce(starts_with(source, 'label:'), false) AS is_label
  FROM ${readPartsSql(parts, recordColumns)} WHERE ${where}`;
}

/** What has to be decided in a set of records: mostly nothing. */
export type Decisions = {
  /** Groups may hold several records: from several parts, or with seeds. */
  contested: boolean;
  /** There are answers that Sonde sampled. */
  labelled: boolean;
  /** Questions carry hashes, so that an item may stand several times in what status counts together. */
  hashed: boolean;
  /** A few-shot count or a chat template is known: otherwise nothing needs to be grouped by them. */
  asked: boolean;
};

/** A cell is what is known of a task at a checkpoint; few compared with the records, and enough to tell. */
const contestedCell = `min(part) <> max(part) OR min(seed) <> max(seed)
  OR count(seed) NOT IN (0, count(*))`;

/** `Decisions` as counts. */
export function decisionsSql(base: string): string {
  return `SELECT count(*) FILTER (contested) AS contested, count(*) FILTER (labelled) AS labelled,
    count(*) FILTER (hashed) AS hashed, count(*) FILTER (asked) AS asked
  FROM (
    SELECT ${contestedCell} AS contested, bool_or(is_label) AS labelled,
      count(prompt_sha256) > 0 OR count(document_hash) > 0 OR count(target_hash) > 0 AS hashed,
      count(few_shot) > 0 OR count(chat_template) > 0 AS asked
    FROM (${base}) GROUP BY suite, task, checkpoint)`;
}

/**
 * The records that no later one stands in for. Within a group, a later record supersedes an earlier one unless both are
 * counts that name different seeds and were drawn alike (top-k, served model); later is the part of the higher rank. `relate` is the same rule in memory. Groups are
 * told apart by 128 bits of hash: what is decided is narrow, whatever the records hold.
 */
export function keptSql(base: string, parts: readonly Part[]): string {
  const cells = `SELECT suite, task, checkpoint FROM (${base})
    GROUP BY suite, task, checkpoint HAVING ${contestedCell}`;
  const order = parts.map(
    (part, place) => `(${literal(part.identity)}, ${part.revision}, ${place})`,
  );
  const ranked = `SELECT b.*, place, hash(${group}) AS h, hash('again', ${group}) AS h2,
      hash(top_k, served_model) AS draw
    FROM (${base}) b
    JOIN (VALUES ${order.join(', ')}) o(part_of, revision_of, place)
      ON b.part = part_of AND b.revision = revision_of
    WHERE (suite, task, checkpoint) IN (${cells})`;
  const latest = `SELECT *, CASE WHEN draw = last_draw
        THEN max(last_place) FILTER (draw <> last_draw) OVER (PARTITION BY h, h2)
        ELSE last_any END AS last_other
    FROM (
      SELECT h, h2, seed, draw, last_place, max(last_place) OVER one_seed AS last_same,
        max(last_place) OVER same AS last_any, max(last_alone) OVER same AS last_alone,
        arg_max(draw, last_place) OVER same AS last_draw
      FROM (
        SELECT h, h2, seed, draw, max(place) AS last_place,
          max(place) FILTER (seed IS NULL OR kind <> 'count') AS last_alone
        FROM (${ranked}) GROUP BY h, h2, seed, draw)
      WINDOW same AS (PARTITION BY h, h2), one_seed AS (PARTITION BY h, h2, seed))`;
  return `SELECT r.* EXCLUDE (h, h2, draw, place)
  FROM (${ranked}) r
  JOIN (${latest}) l ON r.h = l.h AND r.h2 = l.h2 AND r.draw = l.draw
    AND r.seed IS NOT DISTINCT FROM l.seed
  WHERE place >= last_same AND place >= coalesce(last_alone, 0) AND place >= coalesce(last_other, 0)
    AND NOT ((r.seed IS NULL OR kind <> 'count') AND place < last_any)
  UNION ALL
  SELECT * FROM (${base}) WHERE (suite, task, checkpoint) NOT IN (${cells})`;
}

/** Without answers that Sonde sampled, where a task at a checkpoint has imported records of the same level. */
export function preferImportedSql(records: string, base: string): string {
  return `SELECT * FROM (${records})
  WHERE NOT is_label OR (suite, task, checkpoint, item IS NULL) NOT IN (
    SELECT DISTINCT suite, task, checkpoint, item IS NULL FROM (${base}) WHERE NOT is_label)`;
}

/** One record a group: independent samples added up, facts and losses from whichever record has them. */
export function addedSql(records: string): string {
  const own = new Set(group.split(', '));
  const columns = recordColumns.map(({ name }) => {
    if (own.has(name)) return name;
    if (name === 'k' || name === 'n') return `${addedNumber(name)} AS ${name}`;
    if (name === 'seed') return 'CASE WHEN count(*) = 1 THEN max(seed) END AS seed';
    if (name === 'source') return `${joinedText('source')} AS source`;
    return `max(${name}) AS ${name}`;
  });
  return `SELECT ${columns.join(', ')},
    ${joinedText('origin_name')} AS origin_name
  FROM (${records}) GROUP BY ${group}`;
}

/** In 2⁻⁶²: doubles in 0…1 down to 2⁻¹⁰ are whole numbers of it. */
const grain = '4611686018427387904.0';

/** The sum of shares in 0…1 as whole numbers: DuckDB adds in the order of its threads, which shows in the last digits of doubles. */
function exactSum(share: string): string {
  return `(CAST(sum(CAST(round((${share}) * ${grain}) AS BIGINT)) AS DOUBLE) / ${grain})`;
}

function addedNumber(name: string): string {
  return `CASE WHEN count(*) = 1 THEN max(${name})
    ELSE sum(floor(${name})) + ${exactSum(`${name} - floor(${name})`)} END`;
}

/** The one text of a group, or `first … last`: a list of all costs more than the rest of the query. */
function joinedText(column: string): string {
  return `CASE WHEN min(${column}) = max(${column}) THEN min(${column})
    ELSE min(${column}) || ' … ' || max(${column}) END`;
}

/** Columns of a record and the name of its file. */
export function plainSql(records: string): string {
  return `SELECT ${recordNames}, origin_name FROM (${records})`;
}

/** What a row of status is about, few-shot count and chat template aside. */
const cell = 'suite, task, filter, checkpoint, kind, temperature, top_p, render';
const asking = 'few_shot, chat_template';

/**
 * One row per task, checkpoint, filter, kind, sampling, few-shot count and chat template. Accuracy is the mean over items of their rates. The standard
 * error takes the items as clusters (one draw from the tasks' questions each, whatever the number of answers):
 * s / √items, with s the standard deviation of the items' rates; for n = 1 this is the binomial one. A single item, or
 * a count for a whole task, has √(p (1 − p) / n); a score for a whole task has none. Records of whole tasks stand back
 * where there are items.
 */
export function statusSql(
  records: string,
  { hashed, asked }: Pick<Decisions, 'hashed' | 'asked'>,
): string {
  const rate = "k / (CASE WHEN kind = 'count' THEN n ELSE 1 END)";
  // Without hashes a group has one record an item, and counting is all that is needed.
  const items = hashed ? 'count(DISTINCT item)' : 'count(item)';
  const mean = `(${exactSum(rate)} / count(k))`;
  // About 0.5, where squares are small: what cancels out is below 10⁻¹⁶.
  const squares = exactSum(`(${rate} - 0.5) * (${rate} - 0.5)`);
  const variance = `CASE WHEN min(${rate}) < max(${rate})
    THEN greatest(0, ${squares} - count(k) * (${mean} - 0.5) * (${mean} - 0.5)) / (count(k) - 1) ELSE 0 END`;
  return `SELECT * FROM (
    SELECT suite, task, filter, checkpoint, max(step) AS step, kind, temperature, top_p, render,
      ${asked ? asking : 'CAST(NULL AS BIGINT) AS few_shot, CAST(NULL AS VARCHAR) AS chat_template'},
      ${items} AS items, count(*) AS questions, coalesce(sum(n), 0) AS samples,
      CASE WHEN min(${rate}) < max(${rate}) THEN ${mean} ELSE max(${rate}) END AS accuracy,
      CASE
        WHEN ${items} > 1 THEN CASE WHEN count(k) > 1 THEN sqrt((${variance}) / count(k)) END
        WHEN count(k) = 1 AND kind = 'count' THEN max(sqrt(k / n * (1 - k / n) / n))
      END AS standard_error,
      CASE WHEN count(loss) = 1 THEN max(loss) END AS loss,
      CASE WHEN count(loss) = 1 THEN max(loss_unit) FILTER (loss IS NOT NULL) END AS loss_unit,
      string_agg(DISTINCT coalesce(source, origin_name), ', ' ORDER BY coalesce(source, origin_name))
        AS source
    FROM (${records})
    GROUP BY ${asked ? `${cell}, ${asking}` : cell}, item IS NULL)
  QUALIFY items > 0 OR max(items) OVER (PARTITION BY suite, task, checkpoint, filter) = 0
  ORDER BY suite, task, checkpoint, filter, kind, temperature, top_p, render, few_shot, chat_template`;
}

/** How many questions of a row of status have the same counts and the same group; `units` names the groups of items. */
export function countsSql(records: string): string {
  const own = `${cell}, ${asking}`.replaceAll(/(\w+)/g, 'r.$1');
  return `SELECT ${own}, unit, r.k, r.n, count(*) AS questions
  FROM (${records}) r LEFT JOIN units u ON u.suite_of = r.suite AND u.item_of = r.item
  WHERE r.item IS NOT NULL AND r.k IS NOT NULL GROUP BY ALL`;
}

/** The table of `countsSql`. */
export const unitsTable: TempTable = {
  name: 'units',
  columns: { suite_of: 'VARCHAR', item_of: 'VARCHAR', unit: 'VARCHAR' },
};

/** What is said of each checkpoint, newest last. */
export function factsSql(base: string): string {
  return `SELECT DISTINCT checkpoint, run, family, stage, step, tokens, params, params_non_embedding,
    flops, revision, part
  FROM (${base}) ORDER BY checkpoint, revision, part`;
}

/** The mean rate of a group of records, however they were asked and sampled. */
export const itemRate = "avg(k / (CASE WHEN kind = 'count' THEN n ELSE 1 END))";

/** One row an item, checkpoint and filter of one task: the mean of its rates, however it was asked and sampled. */
export function ratesSql(records: string): string {
  return `SELECT item, checkpoint, filter, ${itemRate} AS rate
  FROM (${records}) WHERE item IS NOT NULL AND k IS NOT NULL
  GROUP BY item, checkpoint, filter ORDER BY checkpoint, item, filter`;
}

/**
 * How much each pair of `pairs` differs, question by question; groups of `units` are clusters: with S the sums of their
 * deviations from the mean difference, G their number and n that of questions, √(Σ S² · G / (G − 1)) / n.
 */
export function differencesSql(records: string): string {
  return `WITH rates AS (
      SELECT suite, task, item, checkpoint, filter, ${itemRate} AS rate FROM (${records})
      WHERE item IS NOT NULL AND k IS NOT NULL GROUP BY suite, task, item, checkpoint, filter),
    paired AS (
      SELECT place, coalesce(unit, a.item) AS cluster, b.rate - a.rate AS d
      FROM pairs p
      JOIN rates a ON a.suite = p.suite AND a.task = p.task AND a.checkpoint = p.earlier
        AND a.filter IS NOT DISTINCT FROM p.filter
      JOIN rates b ON b.suite = p.suite AND b.task = p.task AND b.checkpoint = p.later
        AND b.filter IS NOT DISTINCT FROM p.filter AND b.item = a.item
      LEFT JOIN units u ON u.suite_of = a.suite AND u.item_of = a.item),
    means AS (SELECT place, count(*) AS items, avg(d) AS difference FROM paired GROUP BY place),
    sums AS (SELECT place, cluster, sum(d - difference) AS s
      FROM paired JOIN means USING (place) GROUP BY place, cluster)
  SELECT place, items, round(difference, 12) AS difference, CASE WHEN count(*) > 1
    THEN round(sqrt(sum(s * s) * count(*) / (count(*) - 1)) / items, 12) END AS standard_error
  FROM sums JOIN means USING (place) GROUP BY place, items, difference ORDER BY place`;
}

/** The table of `differencesSql`. */
export const pairsTable: TempTable = {
  name: 'pairs',
  columns: {
    ...{ suite: 'VARCHAR', task: 'VARCHAR', filter: 'VARCHAR' },
    ...{ earlier: 'VARCHAR', later: 'VARCHAR', place: 'BIGINT' },
  },
};

/** What each part holds of whom. */
export function sourcesSql(base: string): string {
  return `SELECT part, revision, coalesce(source, origin_name) AS source,
    string_agg(DISTINCT suite, chr(31) ORDER BY suite) AS suites, count(*) AS records,
    count(DISTINCT checkpoint) AS checkpoints, count(DISTINCT (suite, task)) AS tasks,
    count(DISTINCT (suite, task, item)) FILTER (item IS NOT NULL) AS items,
    coalesce(sum(n), 0) AS samples
  FROM (${base}) GROUP BY ALL ORDER BY part, revision, source`;
}

/** The tasks that outcomes are about. */
export function tasksSql(base: string): string {
  return `SELECT suite, task, max(chance) AS chance, count(DISTINCT item) AS items,
    count(DISTINCT checkpoint) AS checkpoints
  FROM (${base}) GROUP BY suite, task ORDER BY suite, task`;
}

/** The accuracy of a guess, where records tell it. */
export function chancesSql(base: string): string {
  return `SELECT suite, task, max(chance) AS chance FROM (${base}) GROUP BY suite, task`;
}

/** The filters that a task's outcomes stand under. */
export function filtersSql(base: string): string {
  return `SELECT DISTINCT suite, task, filter FROM (${base}) WHERE filter IS NOT NULL
  ORDER BY suite, task, filter`;
}

/** Groups of the staged records that are crowded, alone or with what is stored: `side` 0 is stored, 1 staged. */
export function meetingSql(kept: string | null): string {
  const staged = `SELECT ${recordNames}, CAST(NULL AS VARCHAR) AS origin_name, row, 1 AS side,
    coalesce(starts_with(source, 'label:'), false) AS is_label FROM staged`;
  const stored = `SELECT ${recordNames}, origin_name, 0 AS row, 0 AS side, is_label FROM (${String(kept)})
    WHERE hash(${group}) IN (SELECT hash(${group}) FROM (${staged}))`;
  const both = kept === null ? staged : `${staged} UNION ALL ${stored}`;
  return `SELECT * EXCLUDE (h) FROM (SELECT *, hash(${group}) AS h FROM (${both}))
  WHERE h IN (SELECT hash(${group}) FROM (${both}) GROUP BY 1 HAVING count(*) > 1)
  ORDER BY h, ${group}, row, seed`;
}

/** Counts of what is to be written, for the report. */
export const stagedCountsSql = `SELECT count(*) AS records, count(DISTINCT checkpoint) AS checkpoints,
  count(DISTINCT (suite, task)) AS tasks,
  count(DISTINCT (suite, task, item)) FILTER (item IS NOT NULL) AS items,
  coalesce(sum(n), 0) AS samples, min(run) AS first_run, max(run) AS last_run,
  count(run) AS with_run
FROM staged`;

/** The staged records as they are stored: with the revision of their part, without those that are there already. */
export function storedSql(revision: number, anyDropped: boolean): string {
  const kept = anyDropped ? 'WHERE row NOT IN (SELECT row FROM dropped) ORDER BY row' : '';
  return `SELECT * EXCLUDE (row) REPLACE (CAST(${revision} AS BIGINT) AS revision) FROM staged ${kept}`;
}
