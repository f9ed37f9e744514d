import { expect, it } from 'vitest';
import { cellAt, columnLabelAt, layOut } from './heat-map-layout.ts';

it('names rows that are as high as a line, and columns that have room', () => {
  const layout = layOut({
    rows: ['add', 'sub'],
    columns: Array.from({ length: 100 }, (_, index) => String(index)),
    width: 1033.5,
    most: 400,
  });
  expect({ ...layout, namedColumns: layout.namedColumns.slice(0, 3) }).toEqual({
    left: 33.5,
    top: 2,
    cellWidth: 9.92,
    cellHeight: 20,
    width: 1033.5,
    height: 64,
    namedRows: [0, 1],
    namedColumns: [0, 3, 6],
  });
});

it('finds the cell under a place, and none beside them', () => {
  const names = (count: number): string[] => Array<string>(count).fill('');
  const layout = layOut({ rows: names(400), columns: names(200), width: 428, most: 400 });
  const size = { rows: 400, columns: 200 };
  expect(cellAt(layout, size, { x: 20 + 2 * 7.5, y: 2 + 399.5 })).toEqual({ row: 399, column: 7 });
  expect(cellAt(layout, size, { x: 10, y: 10 })).toBe(null);
  expect(cellAt(layout, size, { x: 100, y: 403 })).toBe(null);
});

it('moves names at the edges inwards, and leaves out those that would then touch', () => {
  const columns = Array.from({ length: 12 }, (_, index) => `stage1-step${1000 + index}`);
  const layout = layOut({ rows: ['add'], columns, width: 350, most: 400 });
  const half = (6.5 * 15) / 2;
  const at = layout.namedColumns.map((column) =>
    columnLabelAt(columns[column] ?? '', column, layout),
  );
  expect([layout.namedColumns, at[0]]).toEqual([[0, 5, 10], half]);
  const inside = at.every((middle) => middle >= half && middle <= 350 - half);
  const apart = at.slice(1).every((middle, index) => middle - (at[index] ?? 0) >= 2 * half);
  expect({ inside, apart }).toEqual({ inside: true, apart: true });
});
