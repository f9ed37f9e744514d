import { describe, expect, it } from 'vitest';
import { aggregationOf, scorerOf, plainMatch } from './metrics.ts';
import { configNames, fewShotOf } from './task-name.ts';

describe('scorerOf', () => {
  it.each([
    ['acc', 1, 1, { kind: 'count', k: 1, n: 1 }],
    ['em', 0, 4, { kind: 'count', k: 0, n: 1 }],
    ['pqem', 1, 1, { kind: 'count', k: 1, n: 1 }],
    ['extractive_match', 1, 1, { kind: 'count', k: 1, n: 1 }],
    ['f1', 0.4, 1, { kind: 'score', k: 0.4, n: 1 }],
    ['pass@k:k=1&n=16', 0.0625, 16, { kind: 'count', k: 1, n: 16 }],
    ['pass@k:n=16&k=1', 0.5, 1, { kind: 'count', k: 8, n: 16 }],
    ['pass@k:k=1', 0.5, 4, { kind: 'count', k: 2, n: 4 }],
    ['pass@k:k=10&n=16', 0.5, 16, { kind: 'score', k: 0.5, n: 1 }],
    ['gpqa_pass@k:k=1&n=4', 0.25, 4, { kind: 'count', k: 1, n: 4 }],
    ['math_pass@1:4_samples', 0.75, 1, { kind: 'count', k: 3, n: 4 }],
    ['codegen_pass@1:16', 0.5, 1, { kind: 'count', k: 8, n: 16 }],
    ['avg@n:n=64', 1 / 64, 64, { kind: 'count', k: 1, n: 64 }],
    ['avg@64', 0.5, 64, { kind: 'count', k: 32, n: 64 }],
    ['maj@n:n=8', 1, 8, { kind: 'count', k: 1, n: 1 }],
    ['maj@8', 1, 8, { kind: 'count', k: 1, n: 1 }],
    ['g-pass@k:k=4&n=8', 0.3, 8, { kind: 'score', k: 0.3, n: 1 }],
  ])('%s', (metric, value, answers, score) => {
    expect(scorerOf(metric)(value, answers)).toEqual(score);
  });
});

describe('task names', () => {
  it.each([
    ['gsm8k|5', 5],
    ['mmlu:abstract_algebra|0', 0],
    ['mmlu:_average|5', 5],
    ['leaderboard|gsm8k|5|0', 5],
    ['lighteval|mmlu:anatomy|3', 3],
    ['all', null],
    ['custom|task', null],
  ])('%s', (task, fewShot) => {
    expect(fewShotOf(task)).toBe(fewShot);
  });

  it('look for their configuration with and without the number of examples', () => {
    expect(configNames('leaderboard|gsm8k|5|0')).toEqual([
      'leaderboard|gsm8k|5|0',
      'leaderboard|gsm8k|5',
      'leaderboard|gsm8k',
      'leaderboard',
      'gsm8k',
    ]);
  });
});

describe('configurations', () => {
  const config = {
    metrics: [
      { metric_name: 'acc', corpus_level_fn: 'mean' },
      { metric_name: ['em', 'f1'], corpus_level_fn: { em: 'max', f1: '<function mean at 0x7f>' } },
      { metric_name: 'mcc', corpus_level_fn: 'CorpusLevelMCC' },
    ],
  };

  it.each([
    ['acc', 'mean'],
    ['em', 'max'],
    ['f1', 'mean'],
    ['mcc', 'CorpusLevelMCC'],
    ['other', null],
  ])('say how %s is put together', (metric, told) => {
    expect(aggregationOf(config, metric)).toBe(told);
  });

  it('say whether `em` is plain equality', () => {
    const told = (text: string): unknown =>
      plainMatch({ metrics: [{ metric_name: 'em', sample_level_fn: text }] });
    const plain = (strip: string, kind: string): string =>
      `ExactMatches(aggregation_function=max, normalize_gold=None, normalize_pred=None, strip_strings=${strip}, type_exact_match=${kind})`;
    expect(told(plain('True', 'full'))).toEqual({ stripped: true });
    expect(told(plain('False', 'full'))).toEqual({ stripped: false });
    expect(told(plain('True', 'prefix'))).toBeNull();
    expect(told('ExactMatches')).toBeNull();
  });
});
