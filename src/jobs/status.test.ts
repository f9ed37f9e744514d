import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../store/index.ts';
import { importRecords } from './import-outcomes.ts';
import { jobContext } from './progress.ts';
import { anyOutcomes } from './outcome-choice.ts';
import { status } from './status.ts';

test('rows stand in the order of training: stage, then step, the unknown first', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'status-'));
  try {
    await using store = await openStore(join(dir, '.sonde'));
    const path = join(dir, 'records.csv');
    const checkpoints = ['rl,1', 'sft,2', 'dpo,1', 'pretrain,20', 'midtrain,3', 'pretrain,3', ',9'];
    const rows = checkpoints.map((facts) => `s,t,i,c${facts.replace(',', '')},${facts},1,2`);
    await writeFile(path, ['suite,task,item,checkpoint,stage,step,k,n', ...rows, ''].join('\n'));
    await importRecords(store, path, { onFile: () => undefined });
    const everything = {
      ...{ suite: null, tasks: null, ...anyOutcomes },
      ...{ temperature: null, topP: null },
    };
    const found = await status(store, everything, jobContext());
    expect(found.map(({ checkpoint }) => checkpoint)).toEqual([
      'c9',
      'cpretrain3',
      'cpretrain20',
      'cmidtrain3',
      'csft2',
      'cdpo1',
      'crl1',
    ]);
  } finally {
    await rm(dir, { recursive: true });
  }
});
