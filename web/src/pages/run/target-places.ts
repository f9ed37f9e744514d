/** Where forecasts stand along a run's axis. */
import type { ForecastPoint } from '../../../../src/wire/index.ts';
import { type Axis, createAxis } from './axis.ts';
import { type Places, placesOf, type Training } from './places.ts';

export type TargetPlaces = {
  /** At its checkpoint where the run has it, else at its compute. Null where neither can be said. */
  readonly ofTarget: (
    target: Pick<ForecastPoint, 'targetFlops' | 'targetCheckpoint'>,
  ) => number | null;
  /** Training FLOPs, turned into tokens and steps at the rate of the run's last checkpoint. */
  readonly ofCompute: (flops: number) => number | null;
};

export function createTargetPlaces(run: Training, axis: Axis, places: Places): TargetPlaces {
  const rate = rateOf(run, axis, places);
  const ofCompute = (flops: number): number | null => (rate === null ? null : rate * flops);
  return {
    ofCompute,
    ofTarget: ({ targetFlops, targetCheckpoint }) =>
      (targetCheckpoint === null ? undefined : places.byCheckpoint.get(targetCheckpoint)?.x) ??
      ofCompute(targetFlops),
  };
}

/** Of the axis, by FLOPs; null where a compute has no place. */
function rateOf(run: Training, axis: Axis, places: Places): number | null {
  if (axis.name === 'flops') return 1;
  const last = run.checkpoints.at(-1);
  if (last === undefined || axis.name === 'order') return null;
  const place = places.byCheckpoint.get(last.checkpoint);
  const flops = placesOf(run, createAxis('flops', run.checkpoints));
  const compute = flops.byCheckpoint.get(last.checkpoint)?.x ?? 0;
  return place === undefined || compute === 0 ? null : place.x / compute;
}
