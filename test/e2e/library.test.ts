import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  anyOutcomes,
  evaluate,
  fit,
  importRecords,
  jobContext,
  loadTokenizer,
  openCheckpoint,
  openLocalEngine,
  openStore,
  predict,
  UserError,
} from '../../src/index.ts';
import { series } from '../helpers/run-sonde.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-library-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const early = ['stage1-step417-tokens4M', 'stage1-step573-tokens5M'].map(
  (name) => `d128L4/${name}`,
);
const later = 'd128L4/stage1-step781-tokens7M';

it('does the job of the command line: import, fit, predict, evaluate', async () => {
  await using store = await openStore(join(folder, '.sonde'));
  const notes: string[] = [];
  const steps = new Set<string>();
  const context = jobContext({
    resolve: (path) => join(series, path),
    note: (text) => notes.push(text),
    progress: ({ label }) => steps.add(label),
    limits: { threads: 2, memoryBytes: 2e9 },
  });
  const { files } = await importRecords(store, join(series, 'outcomes.csv'));
  expect(files.map(({ status, samples }) => ({ status, samples }))).toEqual([
    { status: 'imported', samples: 2_520_000 },
  ]);
  const report = await fit(
    store,
    { suite: 'suite', tasks: ['add', 'fact'], render: 'auto', ...anyOutcomes, checkpoints: early },
    { name: 'first', probe: 'auto', holdout: 0.4, seed: 0 },
    context,
  );
  expect(report.card.checkpoints.map(({ id }) => id)).toEqual(early);
  expect(report.card.split.unseen).toHaveLength(2 * 56);
  const mode =
    'resident, 2 threads, 1,024 tokens a batch: weights 3.7 MB of 2.0 GB allowed (--memory)';
  expect(notes).toEqual([
    '560 outcomes without prompt hash joined by suite name and item id',
    ...[...early, 'random weights'].map((id) => `${id}: ${mode}`),
  ]);
  expect([...steps]).toEqual([
    ...early.map((id) => `extract ${id}`),
    'extract random weights',
    'fit first',
  ]);

  const scored = { checkpoints: [later], probe: 'first', tasks: null };
  const [prediction] = await predict(
    store,
    { ...scored, ...anyOutcomes, useLabels: false, itemsOut: null },
    context,
  );
  expect(prediction?.tasks.map(({ task, items }) => ({ task, items }))).toEqual([
    { task: 'add', items: 140 },
    { task: 'fact', items: 140 },
  ]);
  const { summary } = await evaluate(store, { ...scored, ...anyOutcomes }, context);
  expect(summary.all?.cells).toBe(2);
  expect(summary.unseen?.auroc).toBeGreaterThan(0.5);
});

it('gives hidden states and answers of prompts', async () => {
  const checkpoint = await openCheckpoint(join(series, later));
  const tokenizer = await loadTokenizer(checkpoint);
  await using engine = await openLocalEngine(checkpoint);
  const prompts = ['add: 1+1 =>', 'copy: a b =>'].map((text) => ({
    id: text,
    ids: tokenizer.encodePrompt(text),
  }));
  for await (const batch of engine.extract(prompts, { pool: ['last'] })) {
    expect(batch.last).toHaveLength(batch.rows.length * engine.layers * engine.hidden);
    expect(batch.mean).toBeNull();
  }
  const asked = prompts.map((prompt) => ({ ...prompt, maxTokens: 6, stop: ['\n'] }));
  for await (const { answers, tokens } of engine.sample(asked, {
    samples: 3,
    temperature: 1,
    topP: 0.7,
    seed: 0,
  })) {
    expect(answers).toHaveLength(3);
    expect(tokens.every((count) => count !== null && count >= 1 && count <= 6)).toBe(true);
  }
});

it('refuses what does not exist with a UserError', async () => {
  await using store = await openStore(join(folder, 'empty'));
  const request = {
    checkpoints: [later],
    probe: 'none',
    tasks: null,
    ...anyOutcomes,
    useLabels: false,
    itemsOut: null,
  };
  await expect(predict(store, request, jobContext())).rejects.toThrow(UserError);
});
