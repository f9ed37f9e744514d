import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFloat32, readSafetensorsHeader } from '../../src/safetensors/index.ts';
import { runJson, runSonde, series } from '../helpers/run-sonde.ts';

type Prediction = {
  checkpoints: {
    checkpoint: string;
    tasks: {
      task: string;
      predicted: number;
      low: number;
      high: number;
      measured: number | null;
      method: string;
      baselines: Record<string, number | null>;
    }[];
  }[];
};

let folder: string;
let store: string[];
const tasks = ['--tasks', 'add,count,logic'];
const early = ['stage1-step286-tokens3M', 'stage1-step417-tokens4M', 'stage1-step573-tokens5M'].map(
  (name) => `d128L4/${name}`,
);
const later = 'd128L4/stage1-step781-tokens7M';

/** Outcomes of the early checkpoints alone: the later one's are imported by the tests that compare. */
function earlyOutcomes(): string {
  const [header = '', ...rows] = readFileSync(join(series, 'outcomes.csv'), 'utf8').split('\n');
  const kept = rows.filter((row) => early.some((id) => row.includes(`,${id},`)));
  const path = join(folder, 'early.csv');
  writeFileSync(path, `${[header, ...kept].join('\n')}\n`);
  return path;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-pipeline-'));
  store = ['--store', join(folder, 'store')];
  await runJson([...store, 'import', earlyOutcomes()]);
  await runJson([
    ...store,
    'fit',
    '--suite',
    'suite',
    ...tasks,
    '--checkpoints',
    early.join(),
    '--name',
    'p',
  ]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function predict(...options: string[]): Promise<Prediction> {
  return await runJson<Prediction>([...store, 'predict', later, '--probe', 'p', ...options]);
}

describe('from checkpoints to predicted pass@1', () => {
  it('predicts a later checkpoint without its outcomes, and no differently with them', async () => {
    const items = join(folder, 'items.jsonl');
    const before = await predict('--items-out', items);
    expect(before.checkpoints.map(({ checkpoint }) => checkpoint)).toEqual([later]);
    for (const task of before.checkpoints[0]!.tasks) {
      expect(task.measured).toBeNull();
      expect(
        0 <= task.low &&
          task.low <= task.predicted &&
          task.predicted <= task.high &&
          task.high <= 1,
      ).toBe(true);
      expect(Object.keys(task.baselines).sort()).toEqual([
        'historyOnly',
        'persistence',
        'promptOnly',
        'randomWeights',
        'taskMean',
        'trend',
      ]);
    }
    const rows = readFileSync(items, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { p: number });
    expect(rows).toHaveLength(3 * 140);
    expect(Object.keys(rows[0]!)).toEqual(['suite', 'task', 'item', 'checkpoint', 'p']);
    expect(rows.every(({ p }) => p >= 0 && p <= 1)).toBe(true);

    await runJson([...store, 'import', join(series, 'outcomes.csv')]);
    const after = await predict();
    const strip = ({ checkpoints }: Prediction): unknown =>
      checkpoints.map(({ tasks: own }) => own.map((task) => ({ ...task, measured: null })));
    expect(strip(after)).toEqual(strip(before));
    expect(after.checkpoints[0]!.tasks.every(({ measured }) => measured !== null)).toBe(true);
  });

  it('corrects the prediction with labels where it is told to', async () => {
    await runJson([...store, 'import', join(series, 'outcomes.csv')]);
    const { checkpoints } = await predict('--use-labels');
    for (const task of checkpoints[0]!.tasks) {
      expect(task.predicted).toBeCloseTo(task.measured!, 9);
      expect(task.method).toContain('every question has a label');
    }
  });

  it('evaluates against the outcomes, rows and summary of the contract', async () => {
    await runJson([...store, 'import', join(series, 'outcomes.csv')]);
    const report = await runJson<{
      rows: Record<string, unknown>[];
      summary: Record<string, Record<string, unknown>>;
    }>([...store, 'evaluate', later, '--probe', 'p']);
    expect(report.rows.map(({ task, split }) => `${String(task)} ${String(split)}`)).toEqual(
      ['add', 'count', 'logic'].flatMap((task) =>
        ['seen', 'unseen', 'all'].map((split) => `${task} ${split}`),
      ),
    );
    expect(Object.keys(report.summary)).toEqual(['seen', 'unseen', 'all']);
    for (const key of [
      'cells',
      'auroc',
      'oracleAuroc',
      'skill',
      'mse',
      'brier',
      'levelError',
      'baselines',
    ]) {
      expect(report.summary['unseen']).toHaveProperty(key);
    }
    const seen = report.rows.filter(({ split }) => split === 'seen');
    expect(seen.map(({ items }) => items)).toEqual([84, 84, 84]);
  });

  it('says the same twice', async () => {
    expect(await predict()).toEqual(await predict());
  });

  it('fits one checkpoint without history', async () => {
    const fitted = early[2]!;
    await runJson([
      ...store,
      'fit',
      '--suite',
      'suite',
      ...tasks,
      '--checkpoints',
      fitted,
      '--name',
      'one',
    ]);
    const { checkpoints } = await runJson<Prediction>([
      ...store,
      'predict',
      fitted,
      later,
      '--probe',
      'one',
    ]);
    expect(checkpoints.map(({ checkpoint }) => checkpoint)).toEqual([fitted, later]);
    expect(checkpoints[0]!.tasks.map(({ baselines }) => baselines['trend'])).toEqual([
      null,
      null,
      null,
    ]);
  });
});

describe('extract', () => {
  it('writes the tensors asked for, in the order of the suite', async () => {
    const out = join(folder, 'states.safetensors');
    const report = await runJson<{ layers: number[]; items: number }>([
      ...store,
      'extract',
      early[0]!,
      '--suite',
      'suite',
      ...tasks,
      '--pool',
      'last,output',
      '--layers',
      '0,4',
      '--out',
      out,
    ]);
    expect(report).toMatchObject({ layers: [0, 4], items: 420 });
    const file = await readSafetensorsHeader(out);
    expect(
      [...file.tensors.values()].map(({ name, dtype, shape }) => ({ name, dtype, shape })),
    ).toEqual([
      { name: 'last', dtype: 'F32', shape: [420, 2, 128] },
      { name: 'output', dtype: 'F32', shape: [420, 4] },
    ]);
    expect(JSON.parse(file.metadata['items']!)).toHaveLength(420);
    const output = await readFloat32(file.tensors.get('output')!);
    expect(output.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
  });

  it('keeps what the output head says in the store, of random weights too', async () => {
    const activations = join(store[1]!, 'activations');
    const folders = readdirSync(activations).filter((name) => name.startsWith('random-'));
    expect(folders).toHaveLength(1);
    const [name = ''] = readdirSync(join(activations, folders[0]!));
    const { file: kept } = await runJson<{ file: string }>([
      ...[...store, 'extract', early[0]!, '--suite', 'suite', ...tasks],
    ]);
    for (const path of [kept, join(activations, folders[0]!, name)]) {
      const { tensors } = await readSafetensorsHeader(path);
      const [output, nextTokens, likelihood] = await Promise.all(
        ['output', 'nextTokens', 'likelihood'].map((pool) => readFloat32(tensors.get(pool)!)),
      );
      expect([nextTokens!.length, likelihood!.length]).toEqual([420 * 16, 420 * 4]);
      for (let item = 0; item < 420; item += 1) {
        const ids = nextTokens!.subarray(16 * item, 16 * item + 8);
        expect(ids.every((id) => Number.isInteger(id) && id >= 0 && id < 384)).toBe(true);
        expect(new Set(ids).size).toBe(8);
        expect(nextTokens!.subarray(16 * item + 8, 16 * item + 11)).toEqual(
          output!.subarray(4 * item + 1, 4 * item + 4),
        );
        const [mean, least, entropy, most] = likelihood!.subarray(4 * item, 4 * item + 4);
        expect(least! <= mean! && mean! < 0 && entropy! > 0 && entropy! <= most!).toBe(true);
      }
    }
  });

  it('narrows F32 states for a narrower file', async () => {
    const out = join(folder, 'narrow.safetensors');
    await runJson([
      ...store,
      'extract',
      early[0]!,
      '--suite',
      'suite',
      ...tasks,
      '--dtype',
      'bf16',
      '--out',
      out,
    ]);
    const file = await readSafetensorsHeader(out);
    expect(file.tensors.get('mean')).toMatchObject({ dtype: 'BF16', shape: [420, 5, 128] });
  });

  it('names an item whose prompt is longer than the context, and writes nothing', async () => {
    const suite = join(folder, 'long');
    const { mkdirSync } = await import('node:fs');
    mkdirSync(suite, { recursive: true });
    writeFileSync(
      join(suite, 'suite.yaml'),
      'name: long\nversion: 1\ntasks: { t: { chance: 0, maxTokens: 4, stop: [], grader: exact } }\n',
    );
    const item = { task: 't', id: 'too-long', prompt: 'a b c '.repeat(400), target: 'x' };
    writeFileSync(join(suite, 'items.jsonl'), `${JSON.stringify(item)}\n`);
    const out = join(folder, 'never.safetensors');
    const { code, stdout, stderr } = await runSonde([
      ...store,
      'extract',
      early[0]!,
      '--suite',
      suite,
      '--out',
      out,
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('item `too-long`');
    expect(stderr).toContain('512');
    expect(existsSync(out)).toBe(false);
  });
});
