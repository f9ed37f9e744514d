import { describe, expect, test } from 'vitest';
import { UserError } from '../error/index.ts';
import {
  evaluateCheckpoint,
  fitProbe,
  modelFromTensors,
  modelToTensors,
  type ProbeModel,
  predictCheckpoint,
  runPairs,
  summariseEvaluation,
} from './index.ts';
import { syntheticSeries } from './testing/synthetic-series.ts';

const series = syntheticSeries({ checkpoints: 5 });
const { items, layout, random } = series;
const learned = { ...series, checkpoints: series.checkpoints.slice(0, 4) };
const latest = series.checkpoints[4]!;
const later = { items, checkpoint: latest, layout, random };

let fitted: Promise<ProbeModel> | null = null;
const model = () => (fitted ??= fitProbe(learned, { name: 'probe', threads: 1 }));

const weightsOf = (m: ProbeModel) =>
  modelToTensors(m).tensors.map(({ name, data }) => [name, [...data]]);

describe('fit and evaluate', () => {
  test('predicts a later checkpoint better than its baselines where states carry the difficulty', async () => {
    const rows = await evaluateCheckpoint(await model(), { ...later, outcomes: latest });
    expect(rows.map(({ task, split, items: count }) => [task, split, count])).toEqual([
      ['add', 'seen', 24],
      ['add', 'unseen', 16],
      ['add', 'all', 40],
      ['copy', 'seen', 24],
      ['copy', 'unseen', 16],
      ['copy', 'all', 40],
    ]);
    const { seen, unseen, all } = summariseEvaluation(rows);
    expect([seen!.cells, unseen!.cells, all!.cells]).toEqual([2, 2, 2]);
    expect(unseen!.skill).toBeGreaterThan(0.75);
    expect(unseen!.auroc).toBeGreaterThan(unseen!.baselines.promptOnly.auroc!);
    expect(unseen!.auroc).toBeGreaterThan(unseen!.baselines.randomWeights.auroc! + 0.1);
    expect(unseen!.baselines.taskMean.auroc).toBe(0.5);
    expect(unseen!.baselines.historyOnly.auroc).toBe(0.5);
    expect(seen!.mse).toBeLessThan(seen!.baselines.persistence.mse!);
    expect(unseen!.skill).toBeCloseTo((unseen!.auroc! - 0.5) / (unseen!.oracleAuroc! - 0.5), 1);
    for (const { mse, brier } of rows) expect(brier!).toBeGreaterThan(mse!);
  });

  test('a task estimate carries interval, method, baselines and status', async () => {
    const prediction = await predictCheckpoint(await model(), later);
    expect(prediction.items).toHaveLength(80);
    expect(prediction.tasks.map((t) => [t.task, t.items, t.level, t.status])).toEqual([
      ['add', 40, 0.9, 'ok'],
      ['copy', 40, 0.9, 'ok'],
    ]);
    for (const { low, predicted, high, method, baselines } of prediction.tasks) {
      expect(low >= 0 && low < predicted && predicted < high && high <= 1).toBe(true);
      expect(method).toContain('assumes that the next checkpoint errs like these did');
      expect(Object.values(baselines).every((b) => b !== null && b >= 0 && b <= 1)).toBe(true);
    }
  });

  test('equal inputs and seed give equal bits', async () => {
    const again = await fitProbe(learned, { name: 'probe', threads: 1 });
    expect(weightsOf(again)).toEqual(weightsOf(await model()));
    expect(again.card).toEqual((await model()).card);
  });

  test('outcomes of held-out questions are never read', async () => {
    const { card } = await model();
    const unseen = new Set(card.split.unseen);
    const checkpoints = learned.checkpoints.map((checkpoint) => ({
      ...checkpoint,
      k: checkpoint.k.map((k, i) => (unseen.has(items[i]!.id) ? 0 : k)),
    }));
    const other = await fitProbe({ ...learned, checkpoints }, { name: 'probe', threads: 1 });
    expect(weightsOf(other)).toEqual(weightsOf(await model()));
  });

  test('the card tells what was chosen and that everything converged', async () => {
    const { card } = await model();
    expect(Object.keys(card.heads)).toEqual(
      expect.arrayContaining(['plain', 'item', 'historyOnly.item', 'random.plain']),
    );
    expect(
      Object.values(card.heads).every((head) => head.converged && head.stopReason === 'converged'),
    ).toBe(true);
    expect(card.selection.filter((row) => row.chosen).map((row) => row.stage)).toEqual(
      expect.arrayContaining(['representation', 'unseen', 'unseen-history', 'seen', 'historyOnly']),
    );
    expect([card.split.seen.length, card.split.unseen.length]).toEqual([48, 32]);
    expect(card.errorModel.residuals).toBe(card.residuals.length);
  });
});

describe('a single checkpoint without step or tokens', () => {
  const bare = { ...learned.checkpoints[2]!, step: null, tokens: null };
  const one = fitProbe({ ...learned, checkpoints: [bare] }, { name: 'one', threads: 1 });

  test('is fitted by cross-validation over its questions, and scored by the probe alone', async () => {
    const m = await one;
    expect([m.heads.item, m.heads.task]).toEqual([null, null]);
    const input = { items, checkpoint: bare, layout };
    const { unseen } = summariseEvaluation(
      await evaluateCheckpoint(m, { ...input, outcomes: bare }),
    );
    expect(unseen!.skill).toBeGreaterThan(0.6);
    const nothing = { auroc: null, mse: null, levelError: null };
    expect(unseen!.baselines).toMatchObject({
      trend: nothing,
      historyOnly: nothing,
      randomWeights: nothing,
    });
    for (const { low, high } of (await predictCheckpoint(m, input)).tasks) {
      expect(high - low).toBeGreaterThan(0.05);
      expect(high - low).toBeLessThan(1);
    }
  });

  test('predicts another one, with a wider interval', async () => {
    const near = await predictCheckpoint(await one, { items, checkpoint: bare, layout });
    const far = await predictCheckpoint(await one, {
      items,
      checkpoint: { ...latest, step: null, tokens: null },
      layout,
    });
    near.tasks.forEach((task, t) => {
      const other = far.tasks[t]!;
      expect(other.high - other.low).toBeGreaterThan(task.high - task.low);
    });
  });
});

describe('status', () => {
  test('another stage, another rendering or a task never fitted is to be measured again', async () => {
    const status = async (change: object, questions = items) => {
      const input = { items: questions, checkpoint: { ...latest, ...change }, layout };
      return (await predictCheckpoint(await model(), input)).tasks.map((task) => task.status);
    };
    expect(await status({ stage: 'sft' })).toEqual(['remeasure', 'remeasure']);
    expect(await status({ rendering: 'messages' })).toEqual(['remeasure', 'remeasure']);
    expect(await status({ stage: null, rendering: null })).toEqual(['ok', 'ok']);
    const renamed = items.map((item, i) =>
      i < 40 ? { ...item, task: 'new', id: `new-${i}` } : item,
    );
    expect(await status({}, renamed)).toEqual(['ok', 'remeasure']);
    const prediction = await predictCheckpoint(await model(), { ...later, items: renamed });
    const nothing = {
      persistence: null,
      taskMean: null,
      trend: null,
      historyOnly: null,
      promptOnly: null,
    };
    expect(prediction.tasks[1]!.baselines).toMatchObject(nothing);
    expect(Object.values(prediction.tasks[0]!.baselines).every((value) => value !== null)).toBe(
      true,
    );
  });

  test('states that moved far are drift', async () => {
    const moved = {
      ...latest,
      states: (...tap: Parameters<typeof latest.states>) =>
        (latest.states(...tap) as Float32Array).map((x) => x + 30),
    };
    const prediction = await predictCheckpoint(await model(), { items, checkpoint: moved, layout });
    expect(prediction.tasks.map((task) => task.status)).toEqual(['drift', 'drift']);
  });
});

describe('labels of the scored checkpoint', () => {
  test('correct the level of their task and leave the others alone', async () => {
    const without = await predictCheckpoint(await model(), later);
    const n = latest.n.map((count, i) => (i < 40 && i % 2 === 0 ? count : 0));
    const withLabels = await predictCheckpoint(await model(), later, {
      labels: { k: latest.k, n },
    });
    const truth = (task: string) => {
      const rows = items.flatMap((item, i) =>
        item.task === task ? [latest.k[i]! / latest.n[i]!] : [],
      );
      return rows.reduce((sum, value) => sum + value, 0) / rows.length;
    };
    const [add, copy] = withLabels.tasks;
    expect(copy).toEqual(without.tasks[1]);
    expect(add!.method).toMatch(
      /^power-tuned difference estimator: .* of the predictions of 40 questions .* corrected by 20/,
    );
    expect(Math.abs(add!.predicted - truth('add'))).toBeLessThan(0.06);
    const complete = await predictCheckpoint(await model(), later, { labels: latest });
    expect(complete.tasks[0]!.predicted).toBeCloseTo(truth('add'), 10);
  });
});

describe('to tensors and back', () => {
  test('predicts the same bits', async () => {
    const { card, tensors } = modelToTensors(await model());
    const restored = modelFromTensors(JSON.parse(JSON.stringify(card)), tensors, 'probes/x');
    expect(await predictCheckpoint(restored, later)).toEqual(
      await predictCheckpoint(await model(), later),
    );
    expect(weightsOf(restored)).toEqual(weightsOf(await model()));
  });

  test('names what is missing or of another shape', async () => {
    const { card, tensors } = modelToTensors(await model());
    const without = (name: string) => tensors.filter((tensor) => tensor.name !== name);
    expect(() => modelFromTensors(card, without('outcomes.k'), 'x')).toThrow(
      'probe: expected tensor `outcomes.k` with weights, got none (in x); fit the probe again',
    );
    const short = [
      ...without('drift.spread'),
      { name: 'drift.spread', shape: [1], data: new Float64Array(1) },
    ];
    expect(() => modelFromTensors(card, short, 'x')).toThrow(
      'expected tensor `drift.spread` with 2 numbers [2], got 1',
    );
    expect(() => modelFromTensors({ ...card, seed: 'a' }, tensors, 'card.json')).toThrow(
      'probe card: seed: ',
    );
    expect(() => modelFromTensors({ ...card, seenTasks: [] }, tensors, 'card.json')).toThrow(
      '`seenTasks` does not match',
    );
  });

  const otherModel =
    'score a checkpoint of the model that it was fitted on, or fit a probe on checkpoints of this one';

  test.each([
    ['hidden', 7, 'with hidden size `6`, got `7`', otherModel],
    ['layers', 9, 'with layers `3`, got `9`', otherModel],
    ['tokenizerHash', 'other', 'with tokenizer (SHA-256) `tokenizer`, got `other`', otherModel],
    [
      'suiteHash',
      'other',
      'of the suite with hash `suite`, got `other`',
      'extract them for the suite that it was fitted on, or fit a probe on this one',
    ],
    ['pools', ['mean'], 'with pool `last`, got `mean`', 'extract that pool too'],
    ['pools', [], 'with pool `last`, got none', 'extract that pool too'],
  ] as const)(
    'activations with other %s %j are refused by name',
    async (field, value, found, advice) => {
      const input = { ...later, layout: { ...layout, [field]: value } };
      await expect(predictCheckpoint(await model(), input)).rejects.toThrow(
        new UserError(
          `probe \`probe\`: expected activations of checkpoint \`run/step1600\` ${found}; ${advice}`,
        ),
      );
    },
  );

  test('a probe that reads no states asks for the same suite and tokenizer alone', async () => {
    const options = { name: 'outputs', threads: 1, states: false, complete: false };
    const blind = await fitProbe(learned, options);
    const of = (change: object) =>
      predictCheckpoint(blind, { ...later, layout: { ...layout, ...change } });
    expect(await of({ hidden: 7, layers: 9, pools: [] })).toEqual(await of({}));
    await expect(of({ tokenizerHash: 'other' })).rejects.toThrow('with tokenizer (SHA-256)');
    await expect(of({ precision: 'int8' })).rejects.toThrow('in precision `f32`, got `int8`');
    await expect(of({ suiteHash: 'other' })).rejects.toThrow('of the suite with hash');
  });

  test('so are activations without output features, or of another number of items', async () => {
    const none = { ...later, checkpoint: { ...latest, output: null } };
    await expect(predictCheckpoint(await model(), none)).rejects.toThrow(
      'probe `probe`: expected output features of checkpoint run/step1600, got none; extract it again',
    );
    const short = { ...later, checkpoint: { ...latest, output: new Float32Array(4) } };
    await expect(predictCheckpoint(await model(), short)).rejects.toThrow(
      'expected finite output features (80, 4), got 4 numbers',
    );
  });
});

describe('bad input', () => {
  const fit = (change: object, options: object = {}) =>
    fitProbe({ ...learned, ...change }, { name: 'bad', threads: 1, ...options });

  test.each([
    [{ items: [] }, {}, 'fit: expected questions to learn from, got none'],
    [{ checkpoints: [] }, {}, 'fit: expected at least one checkpoint, got none'],
    [{}, { holdout: 1 }, 'fit: expected `holdout` from 0 to below 1, got 1'],
    [{}, { seed: 0.5 }, 'fit: expected `seed` to be a whole number, got 0.5'],
    [{}, { layers: [3] }, 'fit: expected `layers` from 0 to 2, got 3'],
    [{}, { layers: [] }, 'fit: expected `layers` from 0 to 2, got none'],
    [{}, { pools: [] }, 'fit: expected `pool` among the extracted ones [last, mean], got none'],
    [
      {},
      { states: false, output: false },
      'fit: expected `states` or `output` to learn from, got neither',
    ],
  ])('%#', async (change, options, message) => {
    await expect(fit(change, options)).rejects.toThrow(message);
  });

  test('checkpoints without outcomes, impossible counts and broken states are named', async () => {
    const [first, ...rest] = learned.checkpoints;
    const unlabelled = { ...first!, n: first!.n.map(() => 0), k: first!.k.map(() => 0) };
    await expect(fit({ checkpoints: [unlabelled, ...rest] })).rejects.toThrow(
      'expected outcomes of checkpoint `run/step100`',
    );
    const impossible = { ...first!, k: first!.k.map((k, i) => (i === 3 ? 99 : k)) };
    await expect(fit({ checkpoints: [impossible, ...rest] })).rejects.toThrow(
      'checkpoint run/step100: expected 0 ≤ k ≤ n for item add-3, got k = 99, n = 20',
    );
    const broken = {
      ...first!,
      states: (...tap: Parameters<typeof latest.states>) =>
        (first!.states(...tap) as Float32Array).map((x, i) => (i === 8 ? Infinity : x)),
    };
    await expect(fit({ checkpoints: [broken, ...rest] })).rejects.toThrow(
      'expected finite numbers, got Infinity in row 1',
    );
    const short = { ...first!, states: () => new Float32Array(5) };
    await expect(fit({ checkpoints: [short, ...rest] })).rejects.toThrow(
      'expected (80, 6) numbers, got 5; extract them again',
    );
  });
});

describe('runPairs', () => {
  test('scores every later checkpoint for every cut and compares with the baselines', async () => {
    const result = await runPairs(series, {
      seeds: [0],
      firstCut: 2,
      resamples: 50,
      fit: { threads: 1 },
    });
    expect(result.pairs).toBe(3);
    expect(result.means.unseen['probe']!.auroc).toBeGreaterThan(
      result.means.unseen['promptOnly']!.auroc!,
    );
    expect(result.means.unseen['statesAlone']!.auroc).toBeGreaterThan(0.7);
    const difference = result.differences.find(
      (d) => d.split === 'unseen' && d.baseline === 'randomWeights' && d.metric === 'auroc',
    )!;
    expect(difference.low).toBeGreaterThan(0);
    expect(difference.difference).toBeGreaterThan(difference.low);
  });
});
