import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../store/index.ts';
import { importRecords } from '../import/index.ts';
import { jobContext } from '../progress.ts';
import { readRuns } from './checkpoints.ts';

test('what only its name tells of a checkpoint counts where nothing else tells it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sonde-runs-'));
  try {
    await using store = await openStore(join(dir, '.sonde'));
    const path = join(dir, 'records.csv');
    const ids = [
      'olmo2/stage2-step100-tokens5B',
      'olmo2/stage1-step3000-tokens12B',
      'olmo2/stage1-step1000-tokens4B',
    ];
    const rows = ids.map((id) => `s,t,i,${id},1,2`);
    await writeFile(path, ['suite,task,item,checkpoint,k,n', ...rows, ''].join('\n'));
    await importRecords(store, path, { onFile: () => undefined });
    const runs = await readRuns(store, jobContext());
    const told = runs.map(({ run, checkpoints }) => ({
      run,
      checkpoints: checkpoints.map(({ stage, step, tokens }) => [stage, step, tokens]),
    }));
    expect(told).toEqual([
      {
        run: 'olmo2',
        checkpoints: [
          ['pretrain', 1000, 4e9],
          ['pretrain', 3000, 12e9],
          ['midtrain', 100, 5e9],
        ],
      },
    ]);
  } finally {
    await rm(dir, { recursive: true });
  }
});
