import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../store/index.ts';
import { importRecords } from './import/index.ts';
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
    expect(found.tasks.map(({ checkpoint }) => checkpoint)).toEqual([
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

test('sampling chooses among rows; a task or a choice that nothing has is named', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'status-'));
  try {
    await using store = await openStore(join(dir, '.sonde'));
    const path = join(dir, 'records.csv');
    const rows = ['s,t,i,c,0,1,1,2', 's,t,i,c,1,0.7,2,2'];
    const header = 'suite,task,item,checkpoint,temperature,top_p,k,n';
    await writeFile(path, [header, ...rows, ''].join('\n'));
    await importRecords(store, path, { onFile: () => undefined });
    const everything = { suite: null, tasks: null, ...anyOutcomes };
    const ask = (changes: Partial<typeof everything>): ReturnType<typeof status> =>
      status(store, { ...everything, ...changes }, jobContext());
    const found = async (changes: object): Promise<unknown[]> =>
      (await ask(changes)).tasks.map(({ temperature }) => temperature);
    expect(await found({})).toEqual([0, 1]);
    expect(await found({ temperature: 1 })).toEqual([1]);
    expect(await found({ topP: 1 })).toEqual([0]);
    await expect(found({ temperature: 0.5 })).rejects.toThrow(
      '--temperature: expected one that outcomes of this store have (0, 1), got `0.5`',
    );
    await expect(found({ tasks: ['t', 'nosuch'] })).rejects.toThrow(
      '--tasks: expected tasks of the store (t), got `nosuch`',
    );
  } finally {
    await rm(dir, { recursive: true });
  }
});
