import { readFileSync } from 'node:fs';

type Counts = { k: number[]; n: number[] };

type Golden = {
  normalCdf: [number, number][];
  wilson: [k: number, n: number, level: number, low: number, high: number][];
  paired: {
    a: Counts;
    b: Counts;
    level: number;
    group: number[];
    expected: Record<
      'a' | 'b' | 'difference' | 'standardError' | 'low' | 'high' | 'p' | 'minimalDetectableEffect',
      number
    >;
    clustered: Record<'standardError' | 'low' | 'high' | 'p', number>;
  }[];
  predictionPowered: {
    rates: number[];
    predicted: number[];
    others: number[];
    level: number;
    lambda: number | null;
    estimate: number;
    low: number;
    high: number;
  }[];
  calibration: {
    predicted: number[];
    rates: number[];
    weights: number[];
    at: number[];
    platt: number[];
    beta: number[];
    isotonic: number[];
    line: { slope: number; intercept: number };
    curve: { measured: number[]; predicted: number[] } | null;
    prior: { from: number; to: number };
  }[];
};

/** Written by scripts/make-estimate-goldens.py. */
export const golden: Golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/estimate.json', import.meta.url), 'utf8'),
) as Golden;
