/** Controls that must fail, on the bundled series: what a probe scores where there is nothing to learn. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  anyOutcomes,
  collectFitData,
  importRecords,
  jobContext,
  openStore,
} from '../../src/index.ts';
import { toCsv } from '../../src/jobs/testing/ladder-records.ts';
import {
  type EvaluationSummary,
  evaluateCheckpoint,
  type FitData,
  fitProbe,
  type ProbeModel,
  summariseEvaluation,
} from '../../src/probe/index.ts';
import { shuffleOutcomes } from '../../src/probe/testing/shuffled-outcomes.ts';
import { runJson, runSonde, series } from '../helpers/run-sonde.ts';

/** Fitted: the first two. Scored: the others. */
const names = [
  'stage1-step573-tokens5M',
  'stage1-step781-tokens7M',
  'stage1-step1042-tokens10M',
  'stage1-step1432-tokens13M',
];
/** One representation, so that a fit takes seconds. */
const quick = { architecture: 'linear', layers: [3], pools: ['mean'] } as const;

let folder: string;
let all: FitData;
let learned: FitData;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-controls-'));
  await using store = await openStore(folder);
  await importRecords(store, join(series, 'outcomes.csv'));
  const request = {
    ...anyOutcomes,
    suite: join(series, 'suite'),
    tasks: null,
    render: 'auto' as const,
    checkpoints: names.map((name) => join(series, 'd128L4', name)),
  };
  all = (await collectFitData(store, request, jobContext())).data;
  learned = { ...all, checkpoints: all.checkpoints.slice(0, 2) };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Of unseen questions, at each later checkpoint, against the true outcomes. */
async function scoreLater(model: ProbeModel): Promise<EvaluationSummary[]> {
  const { items, layout, random = null } = all;
  const summaries: EvaluationSummary[] = [];
  for (const checkpoint of all.checkpoints.slice(2)) {
    const input = { items, checkpoint, layout, random, outcomes: checkpoint };
    const { unseen } = summariseEvaluation(await evaluateCheckpoint(model, input));
    if (unseen !== null) summaries.push(unseen);
  }
  expect(summaries).toHaveLength(2);
  return summaries;
}

const mean = (values: readonly (number | null)[]): number =>
  values.reduce<number>((sum, value) => sum + (value ?? Number.NaN), 0) / values.length;

it('labels shuffled within their task leave no order: AUROC 0.5 ± 0.03', async () => {
  // One shuffle lands anywhere from 0.42 to 0.55, as its noise happens to lean on what makes questions hard.
  const aurocs: (number | null)[] = [];
  for (let seed = 0; seed < 8; seed += 1) {
    const shuffled = { ...learned, checkpoints: shuffleOutcomes(learned, seed), random: null };
    const options = { ...quick, name: 'shuffled', seed, history: false, complete: false };
    aurocs.push(...(await scoreLater(await fitProbe(shuffled, options))).map(({ auroc }) => auroc));
  }
  expect(Math.abs(mean(aurocs) - 0.5)).toBeLessThan(0.03);
});

it('random weights rank about as prompts alone do, and both worse than the probe', async () => {
  const model = await fitProbe(learned, { ...quick, name: 'honest', complete: false });
  const later = await scoreLater(model);
  const [probe, random, prompt] = [
    mean(later.map(({ auroc }) => auroc)),
    mean(later.map(({ baselines }) => baselines.randomWeights.auroc)),
    mean(later.map(({ baselines }) => baselines.promptOnly.auroc)),
  ];
  expect(Math.abs(random - prompt)).toBeLessThan(0.03);
  expect(probe).toBeGreaterThan(Math.max(random, prompt));
});

it('a question planted under a second id is kept on one side of the split, and the card says so', async () => {
  const suite = join(folder, 'planted');
  mkdirSync(suite);
  const header = 'name: planted\nversion: 1\n';
  const task = 'tasks: { add: { chance: 0, maxTokens: 6, stop: ["\\n"], grader: exact } }\n';
  writeFileSync(join(suite, 'suite.yaml'), header + task);
  const asked = readFileSync(join(series, 'suite', 'items.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"task": "add"'))
    .slice(0, 30)
    .map((line) => JSON.parse(line) as { id: string; prompt: string });
  const twins = asked.slice(0, 10).map((item) => ({
    ...item,
    id: `${item.id}-again`,
    prompt: item.prompt.replaceAll('\n', ' \n'),
  }));
  const items = [...asked, ...twins];
  const lines = items.map((item) => JSON.stringify(item));
  writeFileSync(join(suite, 'items.jsonl'), `${lines.join('\n')}\n`);
  const checkpoint = `d128L4/${names[1] ?? ''}`;
  const facts = { suite: 'planted', task: 'add', checkpoint, n: 10 };
  const rows = items.map(({ id }, i) => ({ ...facts, item: id, k: (7 * i) % 11 }));
  writeFileSync(join(folder, 'planted.csv'), toCsv(rows));
  const store = ['--store', join(folder, 'planted-store')];
  await runJson([...store, 'import', join(folder, 'planted.csv')]);
  const fit = ['fit', '--suite', suite, '--checkpoints', checkpoint, '--name', 'p'];
  const { card } = await runJson<{ card: ProbeModel['card'] }>([...store, ...fit]);
  const seen = new Set(card.split.seen);
  expect([card.split.seen.length, card.split.unseen.length]).not.toContain(0);
  for (const { id } of asked.slice(0, 10)) expect(seen.has(`${id}-again`)).toBe(seen.has(id));
  const shown = await runSonde([...store, 'probe', 'show', 'p']);
  expect(shown.code).toBe(0);
  expect(shown.stdout.replaceAll(/\s+/g, ' ')).toContain(
    '20 questions ask the same as another one under another id: such questions are kept on one side of every split.',
  );
  for (const part of ['Validated on', 'Calibration on', 'Choice, by', 'Data:', 'Limits:'])
    expect(shown.stdout).toContain(part);
});
