import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runJson, runSonde, series } from '../helpers/run-sonde.ts';

const early = ['d128L4/stage1-step417-tokens4M', 'd128L4/stage1-step573-tokens5M'];
const later = 'd128L4/stage1-step781-tokens7M';
const suite = ['--suite', 'suite', '--tasks', 'max'];

let folder: string;
let store: string[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-choices-'));
  store = ['--store', join(folder, 'store')];
  const [header = '', ...rows] = readFileSync(join(series, 'outcomes.csv'), 'utf8').split('\n');
  const kept = rows.filter((row) => early.some((id) => row.includes(`,${id},`)));
  writeFileSync(join(folder, 'early.csv'), [header, ...kept].join('\n'));
  await runJson([...store, 'import', join(folder, 'early.csv')]);
  await runJson([...store, 'fit', ...suite, '--checkpoints', early.join(), '--name', 'p']);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Predicted = { checkpoints: { tasks: { measured: number | null }[] }[] };

async function measured(...options: string[]): Promise<(number | null)[]> {
  const args = [...store, 'predict', later, '--probe', 'p', ...options];
  const { checkpoints } = await runJson<Predicted>(args);
  return checkpoints.flatMap(({ tasks }) => tasks.map((task) => task.measured));
}

describe('outcomes of one question measured in several ways', () => {
  it('stop no prediction; an option chooses among them', async () => {
    const rows = ['strict', 'flex'].flatMap((filter, right) =>
      [0, 1].map((item) => `tiny,max,max-00${item},${later},${right},1,${filter}`),
    );
    const path = join(folder, 'filters.csv');
    writeFileSync(path, ['suite,task,item,checkpoint,k,n,filter', ...rows, ''].join('\n'));
    await runJson([...store, 'import', path]);
    expect(await measured()).toEqual([null]);
    expect(await measured('--filter', 'strict')).toEqual([0]);
    expect(await measured('--filter', 'flex')).toEqual([1]);
    const evaluated = await runSonde([...store, 'evaluate', later, '--probe', 'p']);
    expect(evaluated.code).toBe(2);
    expect(evaluated.stderr).toContain('choose one with --filter');
  });

  it('are told apart by their sampling', async () => {
    const own = ['--store', join(folder, 'sampled')];
    await runJson([...own, 'import', join(folder, 'early.csv')]);
    await runJson([...own, 'fit', ...suite, '--checkpoints', early.join(), '--name', 'p']);
    const label = [...own, 'label', later, ...suite, '--samples'];
    await runJson([...label, '4']);
    await runJson([...label, '1', '--temperature', '0']);
    const evaluate = [...own, 'evaluate', later, '--probe', 'p'];
    expect((await runSonde(evaluate)).code).toBe(2);
    const { rows } = await runJson<{ rows: { split: string; items: number }[] }>([
      ...evaluate,
      '--temperature',
      '0',
    ]);
    expect(rows.find(({ split }) => split === 'all')?.items).toBe(140);
  });

  it('keep every sample: asking for fewer later takes nothing away', async () => {
    const own = ['--store', join(folder, 'fewer')];
    const label = [...own, 'label', later, ...suite, '--samples'];
    await runJson([...label, '6']);
    const { tasks } = await runJson<{ tasks: { samples: number }[] }>([...label, '2']);
    expect(tasks.map(({ samples }) => samples)).toEqual([840]);
    const status = await runJson<{ tasks: { samples: number }[] }>([...own, 'status']);
    expect(status.tasks.map(({ samples }) => samples)).toEqual([840]);
  });
});

describe('files that are asked for', () => {
  it('are refused before the work where they cannot be written', async () => {
    mkdirSync(join(folder, 'a-folder'));
    for (const [out, message] of [
      ['a-folder', 'is a folder'],
      ['early.csv/x.safetensors', 'cannot write'],
    ] as const) {
      const args = [...store, 'extract', later, ...suite, '--out', join(folder, out)];
      const { code, stdout, stderr } = await runSonde(args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('--out');
      expect(stderr).toContain(message);
    }
    const device = await runSonde([
      ...store,
      'predict',
      later,
      '--probe',
      'p',
      '--items-out',
      '/dev/null',
    ]);
    expect(device.code).toBe(2);
    expect(device.stderr).toContain(
      '--items-out: expected a file to write, /dev/null is no regular file',
    );
  });

  it('are written through a symbolic link', async () => {
    writeFileSync(join(folder, 'target.jsonl'), 'old');
    symlinkSync(join(folder, 'target.jsonl'), join(folder, 'link.jsonl'));
    await measured('--items-out', join(folder, 'link.jsonl'));
    expect(readFileSync(join(folder, 'target.jsonl'), 'utf8').trim().split('\n')).toHaveLength(140);
  });
});
