import type { AlertKind } from '../../wire/index.ts';
import type { CheckedCheckpoint } from '../checked-checkpoint.ts';
import type { MeasuredTasks } from '../measured-tasks.ts';
import { belowForecastEpisodes } from './below-forecast.ts';
import { dropEpisodes } from './drop.ts';
import type { Episode } from './episode.ts';
import { probeStateEpisodes } from './probe-state.ts';

export type AlertRules = {
  /** Smaller drops, in accuracy, are none, however sure they are. */
  readonly leastDrop: number;
  readonly ignore: readonly AlertKind[];
};

/**
 * Everything that needed a person over the checkpoints of one run, in their order of training. It depends on nothing but
 * what was found and measured of them, so whoever looks again, after a kill or on another machine, finds the same.
 */
export function findEpisodes(
  checkpoints: readonly CheckedCheckpoint[],
  { leastDrop, ignore }: AlertRules,
  measured: MeasuredTasks,
): Episode[] {
  const tasks = [
    ...new Set(checkpoints.flatMap((one) => one.tasks.map(({ task }) => task))),
  ].sort();
  const all = [
    ...tasks.flatMap((task) => dropEpisodes(task, checkpoints, { leastDrop })),
    ...tasks.flatMap((task) => belowForecastEpisodes(task, checkpoints)),
    ...probeStateEpisodes('drift', checkpoints, measured),
    ...probeStateEpisodes('stage-break', checkpoints, measured),
    ...probeStateEpisodes('remeasure', checkpoints, measured),
  ];
  return all.filter(({ kind }) => !ignore.includes(kind));
}
