import { join } from 'node:path';
import { runJson, series } from './run-sonde.ts';

/** What stands in a store that `fillStore` filled. */
export const filled = {
  run: 'd128L4',
  suite: 'tiny',
  tasks: ['dyck', 'sort'],
  probe: 'first',
  predicted: 'd128L4/stage1-step573-tokens5M',
} as const;

const learned = ['step182-tokens2M', 'step286-tokens3M', 'step417-tokens4M'];
const ladder = ['d16L2', 'd32L2', 'd32L3', 'd48L3', 'd64L4'];

/** A store with all that a page can show: outcomes, a forecast that was scored, a probe and what it predicted. */
export async function fillStore(store: string): Promise<void> {
  const at = ['--store', store];
  const asked = ['--suite', join(series, 'suite'), '--tasks', filled.tasks.join(',')];
  await runJson([...at, 'import', join(series, 'outcomes.csv'), join(series, 'ladder.csv')]);
  await runJson([
    ...[...at, 'forecast', ...asked, '--target', 'd128L4/stage1-step2604-tokens24M'],
    ...['--ladder', ladder.map((model) => `${model}/stage1-step2604-tokens24M`).join(',')],
  ]);
  await runJson([
    ...[...at, 'fit', ...asked, '--name', filled.probe, '--probe', 'linear'],
    ...['--checkpoints', learned.map((step) => `d128L4/stage1-${step}`).join(',')],
  ]);
  await runJson([...at, 'predict', filled.predicted, '--probe', filled.probe]);
}
