/** A matrix of shades on a canvas; cells are read and opened with the pointer and with the arrow keys. */
import { type MouseEvent, type ReactElement, useEffect, useMemo, useRef, useState } from 'react';
import { standaloneSvg } from './export-picture.ts';
import { Figure, type FigureProps } from './figure.tsx';
import { cellPixels, drawHeatMap, type HeatMapCells, heatMapSvg } from './heat-map-drawing.ts';
import { cellAt, type HeatMapLayout, layOut } from './heat-map-layout.ts';
import { usePalette } from './palette.ts';
import { useWidth } from './use-size.ts';

export type CellPlace = { readonly row: number; readonly column: number };

export type HeatMapProps = Omit<FigureProps, 'picture' | 'children'> & {
  /** The text alternative. */
  readonly summary: string;
  /** Keep them by `useMemo`: new ones are drawn anew. */
  readonly cells: HeatMapCells;
  /** A cell in words. */
  readonly words: (place: CellPlace) => string;
  /** What a click, or Enter, on a cell does. */
  readonly onOpen?: (place: CellPlace) => void;
  /** Height of all rows together, in pixels. @default 520 */
  readonly most?: number;
};

const steps: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-20, 0],
  PageDown: [20, 0],
  Home: [0, Number.NEGATIVE_INFINITY],
  End: [0, Number.POSITIVE_INFINITY],
};

export function HeatMap(props: HeatMapProps): ReactElement {
  const { title, summary, legend, cells, words, onOpen, most = 520 } = props;
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(holder);
  const palette = usePalette();
  const [cursor, setCursor] = useState<CellPlace | null>(null);
  const layout = useMemo(
    () => layOut({ rows: cells.rows, columns: cells.columns, width, most }),
    [cells, width, most],
  );
  const pixels = useMemo(() => cellPixels(cells), [cells]);
  useEffect(() => {
    if (canvas.current === null || width === 0) return;
    drawHeatMap(canvas.current, { cells, pixels, layout, palette });
  }, [cells, pixels, layout, palette, width]);
  const size = { rows: cells.rows.length, columns: cells.columns.length };
  const shown =
    cursor !== null && cursor.row < size.rows && cursor.column < size.columns ? cursor : null;
  const picture = (): string =>
    standaloneSvg(heatMapSvg({ cells, pixels, layout, palette }), { title, legend, palette });
  return (
    <Figure {...props} picture={picture}>
      <div
        className={onOpen === undefined ? 'reading' : 'reading opens'}
        ref={holder}
        role="group"
        aria-roledescription="heat map"
        aria-label={`${title}. ${summary}`}
        tabIndex={0}
        style={{ minHeight: layout.height }}
        onPointerMove={(event) => setCursor(cellAt(layout, size, placeOf(event)))}
        onPointerLeave={() => setCursor(null)}
        onBlur={() => setCursor(null)}
        onClick={(event) => {
          const place = cellAt(layout, size, placeOf(event));
          if (place !== null) onOpen?.(place);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && shown !== null) onOpen?.(shown);
          const step = steps[event.key];
          if (step === undefined) return;
          event.preventDefault();
          setCursor(moved(shown, step, size));
        }}
      >
        <canvas ref={canvas} aria-hidden="true" style={{ width, height: layout.height }} />
        {shown === null ? null : <CellCursor place={shown} layout={layout} text={words(shown)} />}
        <output className="visually-hidden">{shown === null ? '' : words(shown)}</output>
      </div>
    </Figure>
  );
}

function CellCursor(props: {
  readonly place: CellPlace;
  readonly layout: HeatMapLayout;
  readonly text: string;
}): ReactElement {
  const { place, layout, text } = props;
  const left = layout.left + place.column * layout.cellWidth;
  const top = layout.top + place.row * layout.cellHeight;
  const side =
    left > layout.width / 2
      ? { right: layout.width - left + 8 }
      : { left: left + layout.cellWidth + 8 };
  return (
    <>
      <span
        className="cell-cursor"
        aria-hidden="true"
        style={{
          left: left - 1,
          top: top - 1,
          width: layout.cellWidth + 2,
          height: layout.cellHeight + 2,
        }}
      />
      <span
        className="tip"
        aria-hidden="true"
        style={{ ...side, top: Math.min(Math.max(top - 14, 0), Math.max(layout.height - 48, 0)) }}
      >
        {text}
      </span>
    </>
  );
}

function moved(
  from: CellPlace | null,
  [rows, columns]: readonly [rows: number, columns: number],
  size: { readonly rows: number; readonly columns: number },
): CellPlace | null {
  if (size.rows === 0 || size.columns === 0) return null;
  if (from === null) return { row: 0, column: size.columns - 1 };
  const clamp = (value: number, count: number): number => Math.min(Math.max(value, 0), count - 1);
  return {
    row: clamp(from.row + rows, size.rows),
    column: clamp(from.column + columns, size.columns),
  };
}

function placeOf(event: MouseEvent<HTMLElement>): { x: number; y: number } {
  const box = event.currentTarget.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}
