import type { HeatMap } from '../heat-map.ts';

const checkpoints = [104, 182, 1042, 2604].map(
  (step) => `d128L4/stage1-step${step}-tokens${step}K`,
);

/** A transfer matrix over four checkpoints, with a cell that could not be computed and two tasks of its own. */
export function sampleHeatMap(parts: Partial<HeatMap> = {}): HeatMap {
  return {
    title: 'Transfer of the probe `first`',
    subtitle: 'AUROC on unseen questions',
    rowsLabel: 'trained on',
    columnsLabel: 'scored on',
    rows: checkpoints,
    columns: checkpoints,
    values: [
      [0.81, 0.74, 0.62, 0.5],
      [0.77, 0.84, 0.7, 0.58],
      [0.6, 0.72, 0.9, 0.83],
      [null, 0.61, 0.88, 0.95],
    ],
    digits: 2,
    domain: [0.5, 1],
    diverging: false,
    panels: ['add', 'reverse'].map((title, index) => ({
      title,
      values: checkpoints.map((_, row) =>
        checkpoints.map((_, column) => 0.95 - 0.1 * Math.abs(row - column) - 0.05 * index),
      ),
    })),
    ...parts,
  };
}

/** Differences around zero. */
export function divergingHeatMap(): HeatMap {
  return {
    title: 'Difference to the baseline',
    subtitle: 'points',
    rowsLabel: 'task',
    columnsLabel: 'checkpoint',
    rows: ['add', 'a_benchmark_whose_name_is_longer_than_its_place'],
    columns: ['runs/a', 'runs/b', 'runs/c'],
    values: [
      [-12.34, -0.04, 3.2],
      [40, null, -6],
    ],
    digits: 1,
    domain: [-15, 15],
    diverging: true,
  };
}
