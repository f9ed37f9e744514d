/** Structs and lists of Parquet files, as texts of JSON. */
import type { ColumnPath } from '../outcomes/index.ts';
import { type Database, identifier, literal } from './connection.ts';
import { someText } from './outcome-rows.ts';

/** The names of the fields of the struct at `place`, in the rows of `source`; none where there is no struct. */
export async function fieldsOf(
  database: Database,
  source: string,
  place: readonly string[],
): Promise<string[]> {
  if (place.length === 0) return [];
  const value = valueAt(place);
  return database.withConnection(async (connection) => {
    // Only structs: of a list, `unnest` would make rows.
    const [found] = await connection.rows(
      `SELECT column_type FROM (DESCRIBE SELECT ${value} AS value FROM ${source})`,
    );
    if (found === undefined || !someText(found, 'column_type').startsWith('STRUCT(')) return [];
    const fields = await connection.rows(
      `SELECT column_name FROM (DESCRIBE SELECT unnest(${value}) FROM ${source})`,
    );
    return fields.map((row) => someText(row, 'column_name'));
  });
}

/** The columns of a SELECT: each value as the text of its JSON, NULL where there is no such column or field. */
export async function jsonColumns(
  database: Database,
  source: string,
  { columns, wanted }: { columns: readonly string[]; wanted: Readonly<Record<string, ColumnPath>> },
): Promise<string> {
  const known = new Map<string, readonly string[]>([['', columns]]);
  const list: string[] = [];
  for (const [name, path] of Object.entries(wanted)) {
    let present = true;
    for (const [depth, field] of path.entries()) {
      const parent = path.slice(0, depth);
      const key = parent.join('\0');
      const names = known.get(key) ?? (await fieldsOf(database, source, parent));
      known.set(key, names);
      present = names.includes(field);
      if (!present) break;
    }
    const value = present ? `to_json(${valueAt(path)})` : 'NULL';
    list.push(`CAST(${value} AS VARCHAR) AS ${identifier(name)}`);
  }
  return list.join(', ');
}

function valueAt([column = '', ...fields]: readonly string[]): string {
  return fields.reduce(
    (inner, field) => `struct_extract(${inner}, ${literal(field)})`,
    identifier(column),
  );
}
