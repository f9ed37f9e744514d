import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeRecord } from '../log/blank-record.ts';
import { describeImporter, type ReadLog, readLog } from '../testing/importer-contract.ts';
import { createHelmImporter } from './helm.ts';
import { helmTask } from './helm/run-spec.ts';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/logs/', import.meta.url));
const joint = join(fixtures, 'helm/joint-level=1,model=simple_model1/per_instance_stats.json');
const words = join(fixtures, 'helm/words-model=simple_model1/per_instance_stats.json');
const importer = createHelmImporter();

for (const path of [joint, words]) {
  describeImporter({
    name: 'helm',
    importer,
    path,
    foreign: join(fixtures, 'every-eval-ever/several/00000000-0000-4000-8000-000000000003.json'),
  });
}

/** Claims that the records do not bear out. */
function broken({ records, claims }: ReadLog): unknown[] {
  return claims.filter(({ task, filter, accuracy }) => {
    const own = records.filter((one) => one.item && one.task === task && one.filter === filter);
    const sum = own.reduce(
      (total, { kind, k, n }) => total + (k ?? NaN) / (kind === 'count' ? (n ?? NaN) : 1),
      0,
    );
    return !(Math.abs(sum / own.length - accuracy) <= 1e-9);
  });
}

describe('helm', () => {
  it('reads a run of choices: splits and sub-splits apart, perturbed inputs left out', async () => {
    const log = await readLog(importer, joint);
    expect(log.records).toHaveLength(10);
    const [record] = log.records;
    expect(record).toEqual(
      makeRecord({
        suite: 'helm',
        task: 'joint:level=1,split=valid,sub_split=even',
        item: 'joint:level=1,split=valid,sub_split=even/id2',
        checkpoint: 'simple/model1',
        k: 0,
        n: 1,
        filter: 'exact_match',
        temperature: 0,
        topP: 1,
        render: 'prompt',
        promptSha256: record?.promptSha256 ?? null,
        fewShot: 2,
      }),
    );
    const tasks = new Set(log.records.map(({ task }) => task));
    expect([...tasks]).toEqual([
      'joint:level=1,split=valid,sub_split=even',
      'joint:level=1,split=test,sub_split=odd',
      'joint:level=1,split=test,sub_split=even',
    ]);
    expect(log.claims).toHaveLength(6);
    expect(broken(log)).toEqual([]);
    expect(log.questions[0]).toMatchObject({
      item: { choices: ['Word 0', 'Word 1'], target: ['Word 0'] },
      task: { grader: { type: 'choice' }, chance: 0.5 },
    });
    expect(log.questions[0]?.item.prompt).toContain('Question: Pick WORD 2');
    expect(log.notices).toEqual([
      '5 rows about perturbed inputs are left out: they are other questions',
    ]);
  });

  it('keeps trials with other examples apart, and repeats beside what HELM scored', async () => {
    const log = await readLog(importer, words);
    expect(broken(log)).toEqual([]);
    expect(log.claims.map(({ filter }) => filter)).toEqual([
      'exact_match',
      'exact_match@3',
      'f1_score',
      'f1_score@3',
    ]);
    const exact = log.records.filter(({ filter }) => filter?.startsWith('exact_match'));
    const item = 'words:split=test/id5';
    const own = exact.filter((one) => one.item === item);
    expect(own.map(({ filter, k, n }) => [filter, k, n])).toEqual([
      ['exact_match', 0, 1],
      ['exact_match,all-repeats', 1, 3],
      ['exact_match@3', 1, 1],
      ['exact_match', 0, 1],
      ['exact_match,all-repeats', 1, 3],
      ['exact_match@3', 1, 1],
    ]);
    expect(new Set(own.map(({ promptSha256 }) => promptSha256)).size).toBe(2);
    expect(
      log.answers.filter((answer) => answer.item === item).map(({ sample }) => sample),
    ).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('accounts for the other files of a run', async () => {
    for (const name of ['run_spec', 'scenario', 'scenario_state', 'stats']) {
      const path = join(dirname(joint), `${name}.json`);
      expect([name, await importer.detect(path), await importer.passOver?.(path)]).toEqual([
        name,
        1,
        'read with per_instance_stats.json',
      ]);
    }
    expect(await importer.passOver?.(joint)).toBeNull();
    expect((await importer.companions?.(joint))?.map((path) => path.split(/[\\/]/).at(-1))).toEqual(
      ['run_spec.json', 'scenario_state.json', 'stats.json'],
    );
  });

  it('names the task without the model', () => {
    const none = { split: null, subSplit: null };
    expect(helmTask('mmlu:subject=law,model=openai_gpt2,model_deployment=x', none)).toBe(
      'mmlu:subject=law',
    );
    expect(helmTask('narrative_qa:model=openai_gpt2', none)).toBe('narrative_qa');
    expect(helmTask('gsm:model=m', { split: 'test', subSplit: 'easy' })).toBe(
      'gsm:split=test,sub_split=easy',
    );
  });
});

describe('helm: runs that are not whole', () => {
  let dir = '';
  let path = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'sonde-helm-'));
    cpSync(dirname(words), dir, { recursive: true });
    path = join(dir, 'per_instance_stats.json');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('adds trials up where the prompts are unknown', async () => {
    rmSync(join(dir, 'scenario_state.json'));
    const log = await readLog(importer, path);
    const exact = log.records.filter(({ filter }) => filter === 'exact_match');
    expect(exact.map(({ n }) => n)).toEqual(exact.map(() => 2));
    expect(broken(log)).toEqual([]);
    expect(log.notices).toContain(
      'scenario_state.json is not here: the prompts are unknown, and no suite is written',
    );
  });

  it('needs the settings of the run', async () => {
    rmSync(join(dir, 'run_spec.json'));
    await expect(readLog(importer, path)).rejects.toThrow(
      '`per_instance_stats.json`: expected `run_spec.json` beside it, which names task and model',
    );
  });

  it('reads stats.json where it is all there is', async () => {
    rmSync(path);
    const stats = join(dir, 'stats.json');
    expect(await importer.passOver?.(stats)).toBeNull();
    const { records } = await readLog(importer, stats);
    expect(records.every(({ item }) => item === null)).toBe(true);
    expect(records.map(({ filter }) => filter)).toEqual([
      'exact_match',
      'exact_match@3',
      'f1_score',
      'f1_score@3',
    ]);
  });

  it('names the element that is wrong', async () => {
    const rows = JSON.parse(readFileSync(path, 'utf8')) as unknown[];
    writeFileSync(path, JSON.stringify([rows[0], { instance_id: 'id9' }]));
    await expect(readLog(importer, path)).rejects.toThrow(
      '`per_instance_stats.json`, element 2: expected `stats`, found none',
    );
  });
});
