import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runJson, runSonde, series } from '../helpers/run-sonde.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-facts-'));
  cpSync(join(series, 'd128L4', 'stage1-step781-tokens7M'), join(folder, 'run', 'step999'), {
    recursive: true,
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Inspected = {
  checkpoints: { step: number; tokens: number; source: Record<string, string> }[];
};

describe('facts of a checkpoint', () => {
  it('that contradict each other are refused with both values', async () => {
    const { code, stderr } = await runSonde(['inspect', 'run/step999'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain(
      'expected one value of `step`, found 781 in trainer_state.json and 999',
    );
  });

  it('stated in sonde.yaml under the id decide, over outcomes too', async () => {
    writeFileSync(
      join(folder, 'sonde.yaml'),
      'checkpoints:\n  run/step999: { step: 800, tokens: 7.2e6, stage: midtrain }\n',
    );
    const { checkpoints } = await runJson<Inspected>(['inspect', 'run/step999'], { cwd: folder });
    expect(checkpoints[0]).toMatchObject({
      step: 800,
      tokens: 7_200_000,
      stage: 'midtrain',
      source: { step: 'sonde.yaml', tokens: 'sonde.yaml', stage: 'sonde.yaml' },
    });
    const records = join(folder, 'outcomes.csv');
    writeFileSync(
      records,
      'suite,task,item,checkpoint,k,n,step\ntiny,add,add-000,run/step999,1,2,999\n',
    );
    await runJson(['import', records], { cwd: folder });
    const suite = join(series, 'suite');
    const report = await runJson<{ items: number }>(
      ['extract', 'run/step999', '--suite', suite, '--tasks', 'add'],
      { cwd: folder },
    );
    expect(report.items).toBe(140);
  });

  it('are taken from a directory name where nothing else says them', async () => {
    const dir = join(folder, 'my7b', 'stage2-step2000-tokens4B');
    mkdirSync(join(folder, 'my7b'));
    cpSync(join(series, 'd128L4', 'stage1-step781-tokens7M'), dir, { recursive: true });
    rmSync(join(dir, 'trainer_state.json'));
    const { checkpoints } = await runJson<Inspected>(['inspect', dir], { cwd: folder });
    expect(checkpoints[0]).toMatchObject({
      checkpoint: 'my7b/stage2-step2000-tokens4B',
      step: 2000,
      tokens: 4e9,
      stage: 'midtrain',
      flops: 6 * 854_144 * 4e9,
    });
  });
});
