import { type Database, identifier, literal, type SqlType, type SqlValue } from './connection.ts';

export type TableFileFormat = 'csv' | 'jsonl' | 'parquet';

/** A table to be written: its columns, and its rows in their order. */
export type TableContent = {
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
  readonly rows: AsyncIterable<readonly (readonly SqlValue[])[]>;
};

const copyOptions: Readonly<Record<TableFileFormat, string>> = {
  csv: 'FORMAT csv, HEADER true',
  jsonl: 'FORMAT json, ARRAY false',
  parquet: 'FORMAT parquet, COMPRESSION zstd',
};

/** Writes a table to a file, through DuckDB: memory is bounded however many rows there are. Returns the number of rows. */
export async function writeTableFile(
  database: Database,
  { columns, rows }: TableContent,
  file: { readonly path: string; readonly format: TableFileFormat },
): Promise<number> {
  return database.withConnection(async (connection) => {
    const definitions = columns.map(({ name, type }) => `${identifier(name)} ${type}`);
    await connection.run(`CREATE TEMP TABLE exported (${definitions.join(', ')})`);
    const appender = await connection.append(
      'exported',
      columns.map(({ type }) => type),
    );
    let count = 0;
    for await (const batch of rows) {
      for (const row of batch) appender.add(row);
      count += batch.length;
    }
    appender.close();
    await connection.run(
      `COPY (SELECT * FROM exported) TO ${literal(file.path)} (${copyOptions[file.format]})`,
    );
    return count;
  });
}
