import { expect, test } from 'vitest';
import { layerGrid, sequencesOf, tokenGrid } from './state-grid.ts';

test('layers of one position stand side by side, narrow ones are filled with zeros', async () => {
  const grids = [
    layerGrid([Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6)], 2),
    layerGrid([Float32Array.of(10, 20, 30, 40), Float32Array.of(50, 60)], 2),
  ];
  const rows = { grid: Int32Array.of(0, 1, 0), item: Int32Array.of(1, 0, 0) };
  const sequences = sequencesOf(grids, rows);
  expect(await sequences.read(Int32Array.of(1, 0))).toEqual({
    values: Float32Array.of(10, 20, 50, 0, 3, 4, 6, 0),
    lengths: Int32Array.of(1, 1),
  });
});

test('tokens are standardised, and nothing stands behind the last one', async () => {
  const states = [
    [1, 2],
    [3, 4, 5],
  ];
  const grid = tokenGrid(
    {
      layers: [2],
      hidden: 1,
      positions: 3,
      read: (items) => {
        const values = new Float32Array(items.length * 3);
        items.forEach((item, i) => values.set(states[item]!, 3 * i));
        const lengths = Int32Array.from(items, (item) => states[item]!.length);
        return Promise.resolve({ values, lengths, positions: 3 });
      },
    },
    [2],
    { columns: [{ mean: Float32Array.of(1), scale: Float32Array.of(2) }], positions: 3 },
  );
  const rows = { grid: new Int32Array(2), item: Int32Array.of(0, 1) };
  expect(await sequencesOf([grid], rows).read(Int32Array.of(1, 0))).toEqual({
    values: Float32Array.of(4, 6, 8, 0, 2, 0),
    lengths: Int32Array.of(3, 2),
  });
});
