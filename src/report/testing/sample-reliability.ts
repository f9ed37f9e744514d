import type { ReliabilityFigure } from '../reliability-chart.ts';

/** Predictions that are a little too sure of themselves. */
export const sampleReliability: ReliabilityFigure = {
  title: 'Calibration of the probe `first`',
  bins: [
    { predicted: 0.04, measured: 0.09, low: 0.05, high: 0.14, count: 120 },
    { predicted: 0.22, measured: 0.25, low: 0.16, high: 0.35, count: 80 },
    { predicted: 0.48, measured: 0.47, low: 0.38, high: 0.56, count: 110 },
    { predicted: 0.71, measured: 0.66, low: 0.5, high: 0.8, count: 30 },
    { predicted: 0.93, measured: 0.85, low: 0.79, high: 0.9, count: 220 },
  ],
  slope: 0.83,
  intercept: -0.07,
  ece: 0.0481,
};
