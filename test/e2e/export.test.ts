import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runJson, runSonde } from '../helpers/run-sonde.ts';

let folder: string;
let store: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-export-'));
  store = join(folder, 'store');
  await runJson(['--store', store, 'import', 'outcomes.csv']);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Status = { tasks: { task: string; checkpoint: string; accuracy: number; items: number }[] };

async function statusOf(dir: string): Promise<Status['tasks']> {
  const { tasks } = await runJson<Status>(['--store', dir, 'status']);
  return tasks.map(({ task, checkpoint, accuracy, items }) => ({
    task,
    checkpoint,
    accuracy,
    items,
  }));
}

describe('export', () => {
  it.each(['csv', 'jsonl', 'parquet'])(
    'outcomes as %s import again as they are',
    async (format) => {
      const out = join(folder, `outcomes.${format}`);
      expect(await runJson(['--store', store, 'export', '--out', out])).toMatchObject({
        kind: 'outcomes',
        format,
        path: out,
        rows: 25_200,
      });
      const again = join(folder, `again-${format}`);
      await runJson(['--store', again, 'import', out]);
      expect(await statusOf(again)).toEqual(await statusOf(store));
    },
  );

  it('writes only what was asked for', async () => {
    const out = join(folder, 'some.jsonl');
    const only = ['--tasks', 'fact', '--checkpoints', 'd128L4/stage1-step26-tokens240K'];
    await runJson(['--store', store, 'export', 'outcomes', ...only, '--out', out]);
    const rows = readFileSync(out, 'utf8').trim().split('\n');
    expect(rows).toHaveLength(140);
    expect(JSON.parse(rows[0] ?? '')).toMatchObject({ task: 'fact', source: 'outcomes.csv' });
  });

  it('refuses what is not there, and writes nothing', async () => {
    const out = join(folder, 'none.csv');
    const { code, stdout, stderr } = await runSonde([
      ...['--store', store, '--json', 'export', 'predictions', '--out', out],
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('export: the store has no predictions that were asked for');
    expect(() => readFileSync(out)).toThrow('ENOENT');
    const sheet = join(folder, 'outcomes.xlsx');
    const refused = await runSonde(['--store', store, 'export', '--out', sheet]);
    expect({ code: refused.code, stderr: refused.stderr }).toEqual({
      code: 2,
      stderr: `sonde: --out: expected a name that ends in .csv, .jsonl, .parquet, got ${sheet}; or say --format\n`,
    });
    expect(() => readFileSync(sheet)).toThrow('ENOENT');
    expect(
      (await runSonde(['--store', store, 'export', 'nonsense', '--out', out])).stderr,
    ).toContain(
      'export: expected one of outcomes, predictions, estimates, answers, log-answers, got `nonsense`',
    );
  });
});

describe('show', () => {
  it('prints a question with its outcomes in the order of training', async () => {
    const shown = await runJson<{ outcomes: { checkpoint: string; k: number; n: number }[] }>([
      ...['--store', store, 'show', 'fact-000'],
    ]);
    expect(shown.outcomes).toHaveLength(12);
    expect(shown.outcomes[3]).toMatchObject({
      checkpoint: 'd128L4/stage1-step182-tokens2M',
      k: 100,
      n: 100,
    });
    const { stdout } = await runSonde(['--store', store, 'show', 'fact-000']);
    expect(stdout).toContain('fact-000: no suite of the store holds its text');
    expect(stdout).toMatch(/stage1-step182-tokens2M\s+tiny\s+100\s+100\s+100\.0/);
  });

  it('names what it knows where there is no such question', async () => {
    const { code, stderr } = await runSonde(['--store', store, 'show', 'fact/1']);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^sonde: show: expected the id of a question that the store knows, got `fact\/1` \(those of task `fact` are `fact-\d+`, `fact-\d+`, `fact-\d+`, …; there are 14 other tasks with questions\)$/m,
    );
  });
});
