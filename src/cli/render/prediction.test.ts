import { expect, it } from 'vitest';
import type { TaskPrediction } from '../../jobs/index.ts';
import { renderPrediction } from './prediction.ts';

const task = (name: string, change: Partial<TaskPrediction> = {}): TaskPrediction => ({
  suite: 'tiny',
  task: name,
  items: 140,
  predicted: 0.5,
  low: 0.45,
  high: 0.55,
  level: 0.9,
  method: 'errors of the past',
  measured: null,
  baselines: {
    persistence: 0.4,
    taskMean: 0.4,
    trend: null,
    historyOnly: null,
    promptOnly: null,
    randomWeights: null,
  },
  status: 'ok',
  reason: null,
  remeasure: { width: 0.1, labels: 70, advised: false, widest: 0.3 },
  labels: null,
  ...change,
});
const advised = (labels: number | null) => {
  return { remeasure: { width: 0.1, labels, advised: true, widest: 0.3 } };
};
const shown = (...tasks: readonly TaskPrediction[]) =>
  renderPrediction({ checkpoint: 'run/step8', probe: 'p', tasks }).split('\n');
const when = 'advised where the status is not ok or the interval is wider than ±15';

it('says nothing of labels where nothing is to be measured again', () => {
  const lines = shown(task('add'));
  expect(lines.some((line) => /re-measure|drift/.test(line))).toBe(false);
  expect(lines.find((line) => line.startsWith('add'))).toMatch(/–\s+ok$/);
});

it('says how many labels bring a task to ±5 points, and why', () => {
  const reason = 'states moved 2.0 times their usual move (limit 0.98)';
  const lines = shown(task('add', { status: 'drift', reason, ...advised(64) }), task('sub'));
  expect(lines.find((line) => line.startsWith('add'))).toMatch(/drift\s+64$/);
  expect(lines.find((line) => line.startsWith('sub'))).toMatch(/ok$/);
  expect(lines).toContain(`drift: ${reason} (add)`);
  expect(lines).toContain(`re-measure: 64 labels bring it to ±5 points; ${when}`);
});

it('sums the labels of several tasks and names those of one reason together', () => {
  const broken = { status: 'remeasure', reason: 'no fitted checkpoint has stage sft' } as const;
  const lines = shown(
    task('add', { ...broken, ...advised(64) }),
    task('sub', { ...broken, ...advised(null) }),
    task('mul', { low: 0.1, high: 0.9, ...advised(70) }),
  );
  expect(lines).toContain('remeasure: no fitted checkpoint has stage sft (add, sub)');
  expect(lines).toContain(
    `re-measure: 134 labels in 2 tasks bring each to ±5 points (column labels); ${when}`,
  );
  expect(lines.find((line) => line.startsWith('sub'))).toMatch(/remeasure\s+–$/);
});

it('says so where no labels are enough', () => {
  expect(shown(task('add', { low: 0, high: 1, ...advised(null) }))).toContain(
    `re-measure: not even labels of all questions bring it to ±5 points; take more answers a question; ${when}`,
  );
});
