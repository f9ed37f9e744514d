import { type Connection, identifier, type SqlType, type SqlValue } from './connection.ts';

export type TempTable = {
  readonly name: string;
  /** Types by name, in the order of the rows' values. */
  readonly columns: Readonly<Record<string, SqlType>>;
};

/** Makes a table that this connection alone sees. */
export async function createTempTable(
  connection: Connection,
  { name, columns }: TempTable,
  rows: Iterable<readonly SqlValue[]>,
): Promise<void> {
  const definitions = Object.entries(columns).map(
    ([column, type]) => `${identifier(column)} ${type}`,
  );
  await connection.run(`CREATE TEMP TABLE ${identifier(name)} (${definitions.join(', ')})`);
  const appender = await connection.append(name, Object.values(columns));
  for (const row of rows) appender.add(row);
  appender.close();
}
