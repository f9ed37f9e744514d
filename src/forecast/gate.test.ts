import { describe, expect, it } from 'vitest';
import { type Evidence, judge } from './gate.ts';

const sound: Evidence = {
  models: 6,
  extrapolation: 4,
  spreadPoints: 3,
  backtestPoints: 1.2,
  backtestShare: 0.05,
  risePoints: 30,
  aboveChancePoints: 25,
  trend: 12,
  predictableShare: 0.62,
  widthPoints: 9.5,
};

describe('judge', () => {
  it('answers on sound evidence, and says what it rests on', () => {
    expect(judge(sound)).toEqual({
      verdict: 'predictable',
      reason:
        '4.0 × the compute of the largest model, methods differ by 3.0 points, back-test off by 1.2 points, 62 % of the items follow a law, 95 % interval 9.5 points wide',
    });
  });

  it.each<[Partial<Evidence>, string]>([
    [{ models: 3 }, 'a ladder of 3 models: 4 or more are needed'],
    [{ models: 1 }, 'a ladder of 1 model: 4 or more are needed'],
    [{ extrapolation: 201.7 }, '202 × the compute of the largest model, 35 × is the limit'],
    [
      { extrapolation: 0.5 },
      'the target has less compute than the largest model: nothing to forecast',
    ],
    [
      { trend: Number.NaN },
      'no clear rise over the ladder (slope NaN standard errors, 4 are needed)',
    ],
    [{ spreadPoints: 11.04 }, 'methods differ by 11.0 points, 7 are allowed'],
    [{ spreadPoints: null }, 'too few models to compare methods'],
    [{ backtestPoints: null }, 'too few models to forecast one of them from the others'],
    [
      { backtestPoints: 53.66, backtestShare: 0.96, risePoints: 56 },
      'the ladder does not forecast its own largest models (off by 53.7 points at the last, 96 % of the ladder’s rise of 56.0 on average)',
    ],
    [
      { aboveChancePoints: -3 },
      'the largest model is −3.0 points from chance, 5 above it are needed',
    ],
    [{ trend: 1.5 }, 'no clear rise over the ladder (slope 1.5 standard errors, 4 are needed)'],
    [{ widthPoints: 80 }, 'a 95 % interval of 80 points says nothing'],
  ])('refuses %j', (change, reason) => {
    expect(judge({ ...sound, ...change })).toEqual({ verdict: 'not-predictable', reason });
  });

  it('names every objection', () => {
    const { reason } = judge({ ...sound, trend: 0, spreadPoints: 20 });
    expect(reason.split('; ')).toHaveLength(2);
  });
});
