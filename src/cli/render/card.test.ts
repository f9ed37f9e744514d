import { expect, it } from 'vitest';
import { renderCard, type ShownCard } from './card.ts';

const scored = (auroc: number, mse: number, levelError: number) => ({ auroc, mse, levelError });
const beside = {
  ...scored(0.714, 0.0871, 0.101),
  oracleAuroc: 0.9,
  skill: 0.5,
  brier: 0.2,
  baselines: {
    persistence: scored(0.5, 0.1466, 0.179),
    taskMean: scored(0.5, 0.1466, 0.179),
    trend: scored(0.5, 0.1025, 0.083),
    historyOnly: scored(0.5, 0.1451, 0.193),
    promptOnly: scored(0.72, 0.1668, 0.231),
    randomWeights: { auroc: null, mse: null, levelError: null },
  },
};
const head = { spec: { architecture: 'linear' } } as const;
const checkpoint = (step: number) => ({
  ...{ id: `run/step${step}`, step, tokens: 1e6 * step, stage: 'pretrain', rendering: 'prompt' },
  fingerprint: `${step}`.padEnd(64, 'f'),
});

const card: ShownCard = {
  ...{ name: 'first', architecture: 'auto', seed: 3, tasks: ['add', 'copy'] },
  layout: {
    ...{ hidden: 128, layers: 5, pools: ['last', 'mean'] },
    tokenizerHash: 'b'.repeat(64),
    suiteHash: 'a'.repeat(64),
  },
  checkpoints: [checkpoint(100), checkpoint(200), checkpoint(400)],
  split: { seen: ['q1', 'q2', 'q3'], unseen: ['q4'] },
  representation: {
    pool: 'last',
    layers: [1, 2],
    standardise: 'task',
    align: 'procrustes',
    components: 128,
  },
  heads: { plain: head, 'historyOnly.item': { spec: { architecture: 'mlp' } } },
  selection: [
    { stage: 'unseen', candidate: 'ridge 30', ...scored(0.7, 0.1, 0.12), score: 0.6, chosen: true },
  ],
  scores: {
    checkpoint: 'run/step400',
    learnedUpTo: 'run/step200',
    rows: [
      { task: 'add', split: 'seen', items: 2, ...beside },
      { task: 'add', split: 'unseen', items: 1, ...beside },
    ],
    summary: { seen: null, unseen: { cells: 1, ...beside } },
    calibration: { questions: 415, slope: 0.891, intercept: null, debiasedError: 0.0759 },
  },
  calibration: {
    map: { method: 'platt', slope: 0.912, intercept: 0.2 },
    ...{ cuts: 1, questions: 5040 },
  },
  errorModel: { method: `residuals ${'of many predictions '.repeat(8).trim()}` },
  limits: ['Good for nothing.'],
};

it('shows at a glance what was fitted, how well it does beside its baselines, and what it is not good for', () => {
  const text = renderCard(card, 'tiny');
  expect(text).toMatchInlineSnapshot(`
    "probe first on suite tiny: linear (chosen by validation), seed 3
      fitted on: 3 checkpoints, steps 100 … 400, stage pretrain
      questions: 3 learned from, 1 held out; 2 tasks
      states:    last of layers 1, 2, standardised per task, aligned (procrustes)
      corrected: platt calibration (slope 0.91, intercept 0.20), learned from 5040 replayed predictions
                 of 1 cut
      intervals: residuals of many predictions of many predictions of many predictions of many
                 predictions of many predictions of many predictions of many predictions of many
                 predictions

    Validated on run/step400 (step 400, pretrain), learned up to run/step200 (step 200, pretrain) from
    two thirds of the questions; means over tasks:

                     left out: AUROC    MSE  |level| (pts)  known: AUROC  MSE  |level| (pts)
    probe                      0.714  0.087           10.1             –    –              –
      persistence              0.500  0.147           17.9             –    –              –
      taskMean                 0.500  0.147           17.9             –    –              –
      trend                    0.500  0.102            8.3             –    –              –
      historyOnly              0.500  0.145           19.3             –    –              –
      promptOnly               0.720  0.167           23.1             –    –              –
      randomWeights                –      –              –             –    –              –

    Questions left out, by task:

    task  items  AUROC  best baseline      MSE  best baseline  level (pts)  best baseline
    add       1   0.71  0.72 promptOnly  0.087  0.102 trend           10.1  8.3 trend

    Known questions, by task:

    task  items  AUROC  best baseline      MSE  best baseline  level (pts)  best baseline
    add       2   0.71  0.72 promptOnly  0.087  0.102 trend           10.1  8.3 trend

    Calibration on the 415 questions left out: slope 0.89 (1 is right, less is overconfident), intercept
    – (0 is right), error 7.6 points (debiased).

    Choice, by validation on the latest labelled checkpoint:

    choice  candidate  AUROC     MSE  |level| (pts)
    unseen  ridge 30   0.700  0.1000           12.0  chosen

    Data:

    checkpoint   step  tokens  stage     asked as  weights
    run/step100   100    100M  pretrain  prompt    100fffffffff
    run/step200   200    200M  pretrain  prompt    200fffffffff
    run/step400   400    400M  pretrain  prompt    400fffffffff

    questions aaaaaaaaaaaa, tokenizer bbbbbbbbbbbb; states of 5 layers × 128

    Limits:
    - Good for nothing."
  `);
  expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
});

it.each([
  [null, 'no calibration'],
  [{ method: 'beta', a: 1.204, b: 0.8, c: -0.1 }, 'beta calibration (a 1.20, b 0.80, c -0.10)'],
  [{ method: 'isotonic', x: [0.2, 0.6], y: [0.1, 0.7] }, 'isotonic calibration (2 points)'],
] as const)('names the calibration %o', (map, text) => {
  const calibration = map === null ? null : { map, cuts: 4, questions: 300 };
  const from = map === null ? '' : ', learned from 300 replayed predictions of 4 cuts';
  const shown = renderCard({ ...card, calibration }, 'tiny').replace(/\n {13}/, ' ');
  expect(shown).toContain(`\n  corrected: ${text}${from}\n`);
});

it('says so where nothing could be compared, or one checkpoint was fitted', () => {
  const [first] = card.checkpoints;
  const none = renderCard({ ...card, scores: null, representation: null }, 'tiny');
  expect(none).toContain('Scores: none, too few labels were left to compare with.');
  expect(none).toContain('  states:    none\n');
  const scores = { ...card.scores!, checkpoint: 'run/step100', learnedUpTo: 'run/step100' };
  const one = { ...first!, step: null, stage: null, fingerprint: null };
  const text = renderCard(
    {
      ...card,
      architecture: 'mlp',
      checkpoints: [{ ...one, id: 'run/step100' }],
      scores: { ...scores, calibration: null },
    },
    'tiny',
  );
  expect(text).toContain(
    'on suite tiny: linear, seed 3\n  fitted on: 1 checkpoint, stage unknown\n',
  );
  expect(text).toContain(
    'Validated on run/step100, learned from two thirds of the questions there; means over tasks:',
  );
  expect(text).toContain('Calibration: fewer than two questions were left out.');
  expect(text).toMatch(/^run\/step100 +– +100M +– +prompt +–$/m);
});
