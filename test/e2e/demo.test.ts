import { expect, it } from 'vitest';
import { runSonde } from '../helpers/run-sonde.ts';

type Demo = {
  questions: number;
  forecast: {
    benchmarks: {
      task: string;
      measured: number;
      methods: { method: string; verdict: string; accuracy: number }[];
    }[];
  };
  fitted: string[];
  predictions: { checkpoint: string; tasks: unknown[] }[];
  evaluation: {
    summary: Record<
      'seen' | 'unseen',
      { auroc: number; mse: number; baselines: Record<string, { auroc: number; mse: number }> }
    >;
  };
  seconds: Record<string, number>;
};

it('the demo learns on early checkpoints and ranks questions of later ones better than its baselines', async () => {
  const { code, stdout, stderr } = await runSonde(['demo', '--json']);
  expect(code, stderr).toBe(0);
  const { questions, forecast, fitted, predictions, evaluation, seconds } = JSON.parse(
    stdout,
  ) as Demo;
  expect(questions).toBe(2100);
  const answered = forecast.benchmarks.flatMap(({ task, measured, methods }) => {
    const { verdict, accuracy } = methods.find(({ method }) => method === 'chosen')!;
    return verdict === 'predictable' ? [{ task, error: Math.abs(accuracy - measured) }] : [];
  });
  // Emergence above the ladder: calling it predictable would be a failure.
  expect(answered.map(({ task }) => task)).not.toContain('count');
  expect(answered.map(({ task }) => task)).not.toContain('parity');
  expect(answered.length).toBeGreaterThan(3);
  expect(answered.reduce((sum, { error }) => sum + error, 0) / answered.length).toBeLessThan(0.05);
  expect(fitted).toHaveLength(8);
  expect(predictions.map(({ checkpoint, tasks }) => [checkpoint, tasks.length])).toEqual([
    ['d128L4/stage1-step1042-tokens10M', 15],
    ['d128L4/stage1-step1432-tokens13M', 15],
    ['d128L4/stage1-step1953-tokens18M', 15],
    ['d128L4/stage1-step2604-tokens24M', 15],
  ]);
  const { seen, unseen } = evaluation.summary;
  expect(unseen.auroc).toBeGreaterThan(unseen.baselines['promptOnly']!.auroc);
  expect(seen.auroc).toBeGreaterThan(seen.baselines['historyOnly']!.auroc);
  expect(seen.mse).toBeLessThan(0.65 * seen.baselines['persistence']!.mse);
  expect(Object.values(seconds).every((value) => value > 0)).toBe(true);
}, 600_000);
