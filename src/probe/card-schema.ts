import { z } from 'zod';
import { UserError } from '../error/index.ts';
import { ARCHITECTURES } from './architectures.ts';
import { DRIFT_SIGNALS } from './drift-rule.ts';
import { BASELINES, type ProbeCard } from './probe-model.ts';

const number = z.number();
const count = z.number().int().nonnegative();
const score = z.number().nullable();
const scores = { auroc: score, mse: score, levelError: score };
const pool = z.enum(['last', 'mean']);

const headSpec = z.object({
  architecture: z.enum(ARCHITECTURES),
  states: z.boolean(),
  output: z.boolean(),
  likelihood: z.boolean(),
  length: z.boolean(),
  text: z.boolean(),
  answer: z.boolean(),
  history: z.enum(['none', 'task', 'item']),
  ridge: z.object({ shared: number.positive(), deviation: number.positive() }),
  recency: number.gt(0).max(1).default(1),
});

const besideBaselines = {
  ...scores,
  oracleAuroc: score,
  skill: score,
  brier: score,
  baselines: z.record(z.enum(BASELINES), z.object(scores)),
};
const splitSummary = z.object({ ...besideBaselines, cells: count }).nullable();

const cardScores = z.object({
  checkpoint: z.string(),
  learnedUpTo: z.string(),
  rows: z.array(
    z.object({
      ...besideBaselines,
      task: z.string(),
      split: z.enum(['seen', 'unseen']),
      items: count,
    }),
  ),
  summary: z.object({ seen: splitSummary, unseen: splitSummary }),
  calibration: z
    .object({ questions: count, slope: score, intercept: score, debiasedError: number })
    .nullable(),
});

const calibration = z.object({
  map: z.discriminatedUnion('method', [
    z.object({ method: z.literal('platt'), slope: number.positive(), intercept: number }),
    z.object({
      method: z.literal('beta'),
      a: number.nonnegative(),
      b: number.nonnegative(),
      c: number,
    }),
    z
      .object({
        method: z.literal('isotonic'),
        x: z.array(number).min(1),
        y: z.array(number.min(0).max(1)),
      })
      .refine(({ x, y }) => x.length === y.length && isRising(x) && isRising(y), {
        message: 'expected a curve that does not fall, as many x as y',
      }),
  ]),
  cuts: count,
  questions: count,
});

function isRising(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || value >= values[i - 1]!);
}

const reach = z.object({ below: number.nonnegative(), above: number.nonnegative() });

const schema = z.object({
  name: z.string(),
  architecture: z.enum(['auto', ...ARCHITECTURES]),
  layout: z.object({
    hidden: count.positive(),
    layers: count.positive(),
    pools: z.array(pool),
    exit: count.positive().nullable().default(null),
    precision: z.enum(['f32', 'int8']).default('f32'),
    tokenizerHash: z.string(),
    suiteHash: z.string(),
  }),
  seed: z.number().int(),
  holdout: number.min(0).lt(1),
  tasks: z.array(z.string()).min(1),
  checkpoints: z
    .array(
      z.object({
        id: z.string(),
        tokens: score,
        step: score,
        stage: z.string().nullable(),
        rendering: z.string().nullable(),
        fingerprint: z.string().nullable().default(null),
      }),
    )
    .min(1),
  split: z.object({ seen: z.array(z.string()), unseen: z.array(z.string()) }),
  seenTasks: z.array(count),
  seenTexts: z.array(z.string()).default([]),
  representation: z
    .object({
      pool,
      layers: z.array(count).min(1),
      standardise: z.enum(['none', 'task', 'checkpoint']),
      align: z.enum(['none', 'procrustes', 'affine']).default('none'),
      components: count.positive(),
    })
    .nullable(),
  heads: z.record(
    z.string(),
    z.object({
      spec: headSpec,
      estimator: z.string(),
      width: count,
      converged: z.boolean(),
      iterations: count,
      stopReason: z.enum(['converged', 'max-iterations', 'no-progress', 'early-stopped']),
    }),
  ),
  selection: z.array(
    z.object({ stage: z.string(), candidate: z.string(), ...scores, score, chosen: z.boolean() }),
  ),
  validation: z.record(z.string(), z.object(scores)),
  scores: cardScores.nullable().default(null),
  trendShare: number.min(0).max(1),
  calibration: calibration.nullable().default(null),
  promptTerms: z
    .object({ terms: z.array(z.string()).min(1), factor: number.positive() })
    .nullable(),
  textTerms: z.array(z.string()).min(1).nullable(),
  errorModel: z.object({
    level: number,
    near: reach,
    perUnit: reach,
    shortest: number.nonnegative(),
    residuals: count,
    method: z.string(),
  }),
  residuals: z.array(
    z.object({ task: z.string(), horizon: number, predicted: number, measured: number }),
  ),
  labelling: z.record(z.string(), z.object({ left: number, noise: number })),
  drift: z
    .object({
      falseAlarmRate: number.gt(0).lt(1).nullable(),
      shortest: number.nonnegative(),
      signals: z.array(
        z.object({ name: z.enum(DRIFT_SIGNALS), limit: number, growth: number, moves: count }),
      ),
      method: z.string(),
    })
    .nullable(),
  data: z.record(z.string(), z.string()),
  limits: z.array(z.string()),
});

/** Checks a card read from a file; `where` names the file in the message. Unknown fields are ignored. */
export function parseProbeCard(value: unknown, where: string): ProbeCard {
  const result = schema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new UserError(
      `probe card: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a card'} (in ${where}); fit the probe again`,
    );
  }
  const card = result.data;
  if (
    card.seenTasks.length !== card.split.seen.length ||
    card.seenTasks.some((t) => t >= card.tasks.length)
  ) {
    throw new UserError(
      `probe card: \`seenTasks\` does not match \`split.seen\` (in ${where}); fit the probe again`,
    );
  }
  return card;
}
