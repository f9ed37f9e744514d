import type { TokenStates } from './activations.ts';
import type { Sequences } from './estimator.ts';

/** States of all items of one checkpoint, for architectures that pool them on their own. */
export type StateGrid = {
  readonly layers: number;
  readonly positions: number;
  readonly hidden: number;
  /** Writes the grids (layers, positions, hidden) of `items`, and their lengths, at the rows that `place` names. */
  fill: (
    items: Int32Array,
    into: { readonly values: Float32Array; readonly lengths: Int32Array },
    place: Int32Array,
  ) => Promise<void>;
};

/** One position an item, its layers side by side: `parts` are (items, width) a layer, of one width. */
export function layerGrid(parts: readonly Float32Array[], items: number): StateGrid {
  const hidden = Math.max(...parts.map((part) => part.length / items));
  const layers = parts.length;
  return {
    layers,
    positions: 1,
    hidden,
    fill: (chosen, { values, lengths }, place) => {
      chosen.forEach((item, i) => {
        const at = place[i]! * layers * hidden;
        lengths[place[i]!] = 1;
        parts.forEach((part, l) => {
          const width = part.length / items;
          values.set(part.subarray(item * width, (item + 1) * width), at + l * hidden);
        });
      });
      return Promise.resolve();
    },
  };
}

/** Scales of the columns of each layer, as the representation learned them. */
export type ColumnScale = { readonly mean: Float32Array; readonly scale: Float32Array };

/** Every token an item has, at one or more layers, standardised; `positions` is the longest of all checkpoints. */
export function tokenGrid(
  tokens: TokenStates,
  layers: readonly number[],
  { columns, positions }: { readonly columns: readonly ColumnScale[]; readonly positions: number },
): StateGrid {
  const { hidden } = tokens;
  return {
    layers: layers.length,
    positions,
    hidden,
    fill: async (chosen, { values, lengths }, place) => {
      const read = await tokens.read(chosen, layers);
      chosen.forEach((_, i) => {
        const length = Math.min(positions, read.lengths[i]!);
        lengths[place[i]!] = length;
        columns.forEach(({ mean, scale }, l) => {
          const from = (i * layers.length + l) * read.positions * hidden;
          const to = (place[i]! * layers.length + l) * positions * hidden;
          for (let at = 0; at < length * hidden; at += 1) {
            const j = at % hidden;
            values[to + at] = (read.values[from + at]! - mean[j]!) * scale[j]!;
          }
        });
      });
    },
  };
}

/** Rows of several checkpoints as one set of sequences: row r is item `item[r]` of `grids[grid[r]]`. */
export function sequencesOf(
  grids: readonly StateGrid[],
  rows: { readonly grid: Int32Array; readonly item: Int32Array },
): Sequences {
  const [first] = grids;
  if (first === undefined) throw new Error('probe: expected states to pool, got none');
  const { layers, positions, hidden } = first;
  return {
    layers,
    positions,
    hidden,
    async read(wanted) {
      const values = new Float32Array(wanted.length * layers * positions * hidden);
      const lengths = new Int32Array(wanted.length).fill(1);
      const byGrid = new Map<number, { items: number[]; place: number[] }>();
      wanted.forEach((row, place) => {
        const grid = rows.grid[row]!;
        const part = byGrid.get(grid) ?? { items: [], place: [] };
        byGrid.set(grid, part);
        part.items.push(rows.item[row]!);
        part.place.push(place);
      });
      for (const [grid, { items, place }] of byGrid) {
        const into = { values, lengths };
        await grids[grid]!.fill(Int32Array.from(items), into, Int32Array.from(place));
      }
      return { values, lengths };
    },
  };
}
