/** A table whose rows can be ordered by a column; the order stands in the address. */
import type { ReactElement, ReactNode } from 'react';
import { changeParams, type Route } from '../state/index.ts';
import { compareCells, readOrder, type SortValue, writeOrder } from './table-order.ts';

export type Column<Row> = {
  readonly key: string;
  readonly label: string;
  readonly cell: (row: Row) => ReactNode;
  /** Absent: the table cannot be ordered by it. */
  readonly sort?: (row: Row) => SortValue;
  readonly numeric?: boolean;
  /** A longer word for the heading. */
  readonly hint?: string;
  /** Sentences: broken into lines. */
  readonly wraps?: boolean;
  /** The column that names the row. */
  readonly heads?: boolean;
  /** Left out on a narrow screen, where another column says the same. */
  readonly wideOnly?: boolean;
};

export type DataTableProps<Row> = {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  /** Rows are told apart by it. */
  readonly rowKey: (row: Row, index: number) => string;
  readonly route: Route;
  /** Name of the value in the address, where a page has several tables. */
  readonly orderName?: string;
};

export function DataTable<Row>(props: DataTableProps<Row>): ReactElement {
  const { label, rows, columns, rowKey, route, orderName = 'sort' } = props;
  const order = readOrder(route.params[orderName]);
  const sorter = columns.find(({ key }) => key === order?.key)?.sort;
  const sorted =
    order === null || sorter === undefined
      ? rows
      : [...rows].sort((a, b) => compareCells(sorter(a), sorter(b), order.descending));
  const orderBy = (key: string): void => {
    const descending = order?.key === key ? !order.descending : false;
    changeParams(route, { [orderName]: writeOrder({ key, descending }) }, { replace: true });
  };
  return (
    <div className="scroll" role="group" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <HeadCell
                key={column.key}
                column={column}
                direction={
                  order?.key === column.key ? (order.descending ? 'descending' : 'ascending') : null
                }
                onOrder={() => orderBy(column.key)}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map((row, index) => (
            <tr key={rowKey(row, index)}>
              {columns.map((column) => (
                <BodyCell key={column.key} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function HeadCell<Row>(props: {
  readonly column: Column<Row>;
  readonly direction: 'ascending' | 'descending' | null;
  readonly onOrder: () => void;
}): ReactElement {
  const { column, direction, onOrder } = props;
  const { label, hint, sort } = column;
  return (
    <th
      scope="col"
      className={classOf(column)}
      {...(direction === null ? {} : { 'aria-sort': direction })}
      {...(hint === undefined ? {} : { title: hint })}
    >
      {sort === undefined ? (
        label
      ) : (
        <button type="button" onClick={onOrder}>
          {label}
          <span aria-hidden="true" className="direction">
            {direction === null ? '' : direction === 'descending' ? '▾' : '▴'}
          </span>
        </button>
      )}
    </th>
  );
}

function BodyCell<Row>(props: { readonly column: Column<Row>; readonly row: Row }): ReactElement {
  const { column, row } = props;
  if (column.heads === true) {
    return (
      <th scope="row" className={classOf(column)}>
        {column.cell(row)}
      </th>
    );
  }
  return <td className={classOf(column)}>{column.cell(row)}</td>;
}

function classOf<Row>({ numeric, wideOnly, wraps }: Column<Row>): string {
  return [
    numeric === true ? 'number' : '',
    wideOnly === true ? 'wide-only' : '',
    wraps === true ? 'wrap' : '',
  ]
    .filter((name) => name !== '')
    .join(' ');
}
