/** A table of responses: one row a subject and one column an item, or the reverse. */
import { basename } from 'node:path';
import { UserError } from '../../../error/index.ts';
import { identifyModel } from '../../log/identify-model.ts';
import { modelNamed } from '../../log/model-name.ts';
import { type CsvRow, csvRows } from './csv-rows.ts';
import type { Responses } from './responses-of-subject.ts';
import { cellResponse, checkName, refuseResponse } from './responses.ts';

/** `rows`: each row is a subject. */
export type Orientation = 'rows' | 'columns';

const subjectWords =
  /^(?:subject|model|checkpoint|lm|respondent|student|system|run)(?:s|_?id|_?name)?$/i;
const itemWords =
  /^(?:item|question|example|doc|document|instance|sample|problem)s?(?:_?ids?|_?names?)?$/i;
const indexWords = /^(?:|id|index|unnamed: 0)$/i;

/** Columns of outcome records: a table with two of them is one of records. */
const recordColumns = new Set(['suite', 'task', 'item', 'checkpoint', 'k', 'n', 'kind', 'loss']);
/** Columns of fitted item parameters, which are no responses. */
const parameterColumns = new Set(['a', 'b', 'c', 'd', 'disc', 'diff', 'lambda', 'difficulty']);

/** The header's say: null where it is no matrix of responses; `told` where its first cell names what the rows are. */
export function orientationOf(
  header: readonly string[],
): { orientation: Orientation; told: boolean } | null {
  const [corner = '', ...others] = header.map((cell) => cell.trim());
  if (others.length === 0) return null;
  const records = header.filter((cell) => recordColumns.has(cell.trim())).length;
  if (records > 1 && records >= header.length / 2) return null;
  if (others.includes('task') || (others.includes('k') && others.includes('n'))) return null;
  if (others.every((cell) => parameterColumns.has(cell.toLowerCase()))) return null;
  if (subjectWords.test(corner)) return { orientation: 'rows', told: true };
  if (itemWords.test(corner)) return { orientation: 'columns', told: true };
  if (!indexWords.test(corner)) return null;
  const steps = others.every((cell) => identifyModel(modelNamed(cell)).step !== null);
  return steps ? { orientation: 'columns', told: true } : { orientation: 'rows', told: false };
}

/** Header and first row; null where there are none. */
export async function firstRows(
  path: string,
  maxRowBytes: number,
): Promise<{ header: readonly string[]; first: readonly string[] } | null> {
  const found: CsvRow[] = [];
  try {
    for await (const row of csvRows(path, { maxRowBytes })) {
      found.push(row);
      if (found.length === 2) break;
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
  const [header, first] = found;
  return header === undefined || first === undefined
    ? null
    : { header: header.cells, first: first.cells };
}

/**
 * @throws UserError naming line, column and value.
 */
export async function* subjectsInMatrix(path: string): AsyncGenerator<Responses> {
  const name = basename(path);
  let header: readonly string[] | null = null;
  let orientation: Orientation = 'rows';
  const seen = new Set<string>();
  for await (const { line, cells } of csvRows(path)) {
    const where = `\`${name}\`, line ${line}`;
    if (header === null) {
      orientation = orientationOf(cells)?.orientation ?? 'rows';
      header = checkHeader(cells, orientation, where);
      continue;
    }
    if (cells.length !== header.length) {
      throw new UserError(`${where}: expected ${header.length} columns, found ${cells.length}`);
    }
    const what = orientation === 'rows' ? 'a subject' : 'an item';
    const row = checkName((cells[0] ?? '').trim(), `${what} in the first column`, where);
    if (seen.has(row))
      throw new UserError(`${where}: \`${row.slice(0, 80)}\` stands twice: keep one`);
    seen.add(row);
    if (orientation === 'rows') yield { subject: row, responses: rowOf(header, cells, where) };
    else yield* columnsOf(header, cells, { item: row, where });
  }
}

function checkHeader(
  cells: readonly string[],
  orientation: Orientation,
  where: string,
): readonly string[] {
  const what = orientation === 'rows' ? 'an item' : 'a subject';
  const seen = new Set<string>();
  const header = cells.map((cell, column) =>
    column === 0 ? cell : checkName(cell.trim(), `${what} in column ${column + 1}`, where),
  );
  for (const column of header.slice(1)) {
    if (seen.has(column)) {
      throw new UserError(`${where}: the column \`${column.slice(0, 80)}\` stands twice: keep one`);
    }
    seen.add(column);
  }
  return header;
}

function* rowOf(
  header: readonly string[],
  cells: readonly string[],
  where: string,
): Generator<readonly [string, number | null]> {
  for (let column = 1; column < header.length; column += 1) {
    yield [header[column] ?? '', responseAt(header, cells, { column, where })];
  }
}

function* columnsOf(
  header: readonly string[],
  cells: readonly string[],
  { item, where }: { item: string; where: string },
): Generator<Responses> {
  for (let column = 1; column < header.length; column += 1) {
    const response = responseAt(header, cells, { column, where });
    yield { subject: header[column] ?? '', responses: [[item, response]] };
  }
}

function responseAt(
  header: readonly string[],
  cells: readonly string[],
  { column, where }: { column: number; where: string },
): number | null {
  const response = cellResponse(cells[column] ?? '');
  if (response !== undefined) return response;
  throw refuseResponse(
    `${where}, column \`${(header[column] ?? '').slice(0, 80)}\``,
    cells[column],
  );
}
