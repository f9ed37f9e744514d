import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeTinyCheckpoint } from '../checkpoint/testing/tiny-checkpoint.ts';
import { fitProbe, predictCheckpoint, type ProbeModel } from '../probe/index.ts';
import { collectFitData, type CollectedData, type FitRequest } from './fit-data.ts';
import { importRecords } from './import/index.ts';
import { type KnownCheckpoint, resolveCheckpoints } from './known-checkpoint.ts';
import { anyOutcomes } from './outcome-choice.ts';
import { jobContext } from './progress.ts';
import { prepareScoring, type ScoringProbe } from './score-checkpoint.ts';
import { openTinyRun, type TinyQuestion, type TinyRun } from './testing/tiny-run.ts';

const questions: TinyQuestion[] = Array.from({ length: 40 }, (_, i) => {
  const task = i % 2 === 0 ? 'add' : 'sub';
  return [task, `${task}-${i}`, `What is ${17 * i} and ${i}?`];
});

let run: TinyRun;
let request: FitRequest;
let collected: CollectedData;
let model: ProbeModel;
let later: KnownCheckpoint;

async function known(step: number, seed: number): Promise<KnownCheckpoint> {
  const folder = join(run.dir, 'run', `step${step}`);
  await writeTinyCheckpoint(folder, { family: 'qwen3', seed });
  const [checkpoint] = await resolveCheckpoints(run.store, [folder], jobContext());
  return checkpoint!;
}

beforeAll(async () => {
  run = await openTinyRun(questions);
  const second = await known(20, 1);
  later = await known(40, 2);
  const rows = [run.checkpoint, second].flatMap(({ id }, c) =>
    questions.map(
      ([task, item], i) => `sums,${task},${item},${id},run,${10 * (c + 1)},${(7 * i) % 10},10`,
    ),
  );
  const csv = join(run.dir, 'outcomes.csv');
  await writeFile(csv, `${['suite,task,item,checkpoint,run,step,k,n', ...rows].join('\n')}\n`);
  await importRecords(run.store, csv);
  request = {
    ...{ suite: join(run.dir, 'suite'), tasks: null, render: 'prompt', ...anyOutcomes },
    ...{ checkpoints: ['run/step10', 'run/step20'], architecture: 'submodel' },
  };
  collected = await collectFitData(run.store, request, jobContext());
  model = await fitProbe(collected.data, {
    name: 'p',
    architecture: 'linear',
    complete: false,
    threads: 1,
  });
});
afterAll(() => run[Symbol.asyncDispose]());

const probe = (): Omit<ScoringProbe, 'id'> => ({
  suite: run.suite,
  model,
  origin: {
    ...{ suite: 'sums', suiteContentHash: '', tasks: ['add', 'sub'], render: 'prompt' },
    fingerprints: [],
  },
});

test('submodel runs half of the blocks of every checkpoint, scored ones and the control with random weights included', async () => {
  const { layout, random } = collected.data;
  expect(layout).toMatchObject({ layers: 3, exit: 1 });
  expect(random?.tokenStates?.layers).toEqual([1]);
  expect(model.card.representation).toMatchObject({ layers: [1] });
  expect(model.card.limits).toContain(
    'Only the first 1 of 2 blocks are run: no next-token probabilities, likelihoods or implied answers are read.',
  );
  const { input, tokens } = await prepareScoring(run.store, probe(), later, jobContext());
  expect(tokens).toBeGreaterThan(0);
  expect(input.layout).toEqual(layout);
  const { items, tasks } = await predictCheckpoint(model, input);
  expect(items).toHaveLength(questions.length);
  expect(tasks.every(({ baselines }) => baselines.randomWeights !== null)).toBe(true);
  expect(existsSync(join(run.store.dir, 'activations'))).toBe(false);
});

test('states of the whole model are refused by a probe that read the first blocks', async () => {
  const whole = { ...model, card: { ...model.card, layout: { ...model.card.layout, exit: null } } };
  const { input } = await prepareScoring(
    run.store,
    { ...probe(), model: whole },
    later,
    jobContext(),
  );
  await expect(predictCheckpoint(model, input)).rejects.toThrow(
    'probe `p`: expected activations of checkpoint `run/step40` of a pass that ended early behind block `1`, got `none`; extract what it reads, or fit a probe on such a pass',
  );
});

test('how many blocks there are is seen in a folder', async () => {
  await rename(join(run.dir, 'run'), join(run.dir, 'moved'));
  await expect(collectFitData(run.store, request, jobContext())).rejects.toThrow(
    '--probe submodel: expected the folder of one of run/step10, run/step20, to see how many blocks the model has, got ids of folders that are gone; give one’s folder',
  );
  await rename(join(run.dir, 'moved'), join(run.dir, 'run'));
});
