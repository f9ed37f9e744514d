import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runJson, runSonde, series } from './run-sonde.ts';

/** What stands in a store that `fillStore` filled. */
export const filled = {
  run: 'd128L4',
  suite: 'tiny',
  tasks: ['dyck', 'sort'],
  probe: 'first',
  predicted: 'd128L4/stage1-step573-tokens5M',
} as const;

const learned = ['step182-tokens2M', 'step286-tokens3M', 'step417-tokens4M'].map(
  (step) => `d128L4/stage1-${step}`,
);
const ladder = ['d16L2', 'd32L2', 'd32L3', 'd48L3', 'd64L4'];

/** A store with all that a page can show: outcomes, a file that was refused, a forecast that was scored, a probe and what it predicted, a matrix of transfer. */
export async function fillStore(store: string): Promise<void> {
  const at = ['--store', store];
  const asked = ['--suite', join(series, 'suite'), '--tasks', filled.tasks.join(',')];
  await runJson([...at, 'import', join(series, 'outcomes.csv'), join(series, 'ladder.csv')]);
  const refused = `${store}-refused.csv`;
  await writeFile(refused, 'suite,task,item,checkpoint,k,n\ntiny,sort,sort-000,other/1,11,10\n');
  const { code } = await runSonde([...at, 'import', refused]);
  await rm(refused);
  if (code !== 2) throw new Error(`fillStore: expected exit 2, got ${String(code)}`);
  await runJson([
    ...[...at, 'forecast', ...asked, '--target', 'd128L4/stage1-step2604-tokens24M'],
    ...['--ladder', ladder.map((model) => `${model}/stage1-step2604-tokens24M`).join(',')],
  ]);
  await runJson([
    ...[...at, 'fit', ...asked, '--name', filled.probe, '--probe', 'linear'],
    ...['--checkpoints', learned.join(',')],
  ]);
  await runJson([...at, 'predict', filled.predicted, '--probe', filled.probe]);
  await runJson([
    ...[...at, 'transfer', ...asked, '--probe', 'linear'],
    ...['--checkpoints', learned.slice(0, 2).join(',')],
  ]);
}
