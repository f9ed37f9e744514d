/** What every chart has: a title, a legend, a menu with its exports, and itself as a table. */
import { type ReactElement, type ReactNode, useId, useState } from 'react';
import { Menu } from '../components/index.ts';
import { toPng } from './export-picture.ts';
import { Legend } from './legend.tsx';
import type { LegendEntry } from './legend-marks.ts';
import { fileName, save } from './save.ts';
import { type ChartTable, toCsv } from './table.ts';

export type FigureProps = {
  /** Names the exported files too. */
  readonly title: string;
  /** What stands beside the title. */
  readonly note?: ReactNode;
  readonly legend: readonly LegendEntry[];
  readonly table: ChartTable;
  /** The picture as a stand-alone SVG; null while nothing is drawn. */
  readonly picture: () => string | null;
  readonly children: ReactNode;
  /** A small multiple: the legend stands once for all of them. */
  readonly compact?: boolean;
  /** In place of the plain title, such as a link. */
  readonly heading?: ReactNode;
};

export function Figure(props: FigureProps): ReactElement {
  const { title, note, legend, children, compact = false, heading = title } = props;
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  return (
    <figure className={compact ? 'figure compact' : 'figure'} aria-labelledby={id}>
      <figcaption>
        <span className="figure-title" id={id}>
          {heading}
        </span>
        {note === undefined ? null : <span className="figure-note">{note}</span>}
        <FigureMenu {...props} asTable={asTable} onTable={() => setAsTable(!asTable)} />
      </figcaption>
      {compact || legend.length === 0 ? null : <Legend entries={legend} />}
      {asTable ? <FigureTable title={title} table={props.table} /> : children}
    </figure>
  );
}

type FigureMenuProps = FigureProps & { readonly asTable: boolean; readonly onTable: () => void };

function FigureMenu({ title, table, picture, asTable, onTable }: FigureMenuProps): ReactElement {
  const saveSvg = (): void => {
    const svg = picture();
    if (svg !== null) save(fileName(title, 'svg'), new Blob([svg], { type: 'image/svg+xml' }));
  };
  const savePng = async (): Promise<void> => {
    const svg = picture();
    if (svg !== null) save(fileName(title, 'png'), await toPng(svg));
  };
  const saveCsv = (): void => {
    save(fileName(title, 'csv'), new Blob([toCsv(table)], { type: 'text/csv' }));
  };
  return (
    <Menu
      label={`Export ${title}`}
      entries={[
        { label: asTable ? 'Show as a chart' : 'Show as a table', act: onTable },
        { label: 'CSV', act: saveCsv },
        ...(asTable
          ? []
          : [
              { label: 'SVG', act: saveSvg },
              { label: 'PNG', act: () => void savePng() },
            ]),
      ]}
    />
  );
}

function FigureTable(props: { readonly title: string; readonly table: ChartTable }): ReactElement {
  const { columns, rows } = props.table;
  return (
    <div
      className="scroll figure-table"
      role="group"
      aria-label={`${props.title}, as a table`}
      tabIndex={0}
    >
      <table className="plain">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={columns[column]} className={typeof cell === 'number' ? 'number' : ''}>
                  {typeof cell === 'number' ? shortNumber(cell) : (cell ?? '–')}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function shortNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  return Number(value.toPrecision(5)).toString();
}
