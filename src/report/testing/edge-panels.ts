import type { ForecastPanel } from '../forecast-panel.ts';
import { refusedPanel, samplePanel } from './sample-panel.ts';

const sample = samplePanel();
const unknown = { accuracy: null, low: null, high: null, method: 'power law' } as const;

/** Panels that leave out or exaggerate what a usual one has, by what is special about them. */
export const edgePanels: readonly (readonly [name: string, panel: ForecastPanel])[] = [
  [
    'one checkpoint at the target',
    {
      ...sample,
      ladder: sample.ladder.slice(0, 1),
      curve: [],
      target: { flops: 1.1e20, checkpoint: null },
    },
  ],
  ['one point of a curve', { ...sample, curve: sample.curve.slice(0, 1), ladder: [] }],
  [
    'nothing but a target',
    {
      ...sample,
      curve: [],
      ladder: [],
      measured: null,
      forecast: { ...unknown, verdict: 'predictable' },
    },
  ],
  ['no forecast', refusedPanel()],
  [
    'untrained checkpoints',
    {
      ...sample,
      ladder: sample.ladder.map((rung) => ({ ...rung, flops: 0, standardError: null })),
    },
  ],
  ['a target without compute', { ...sample, target: { flops: 0, checkpoint: null } }],
  [
    'bands beyond 0 and 1',
    {
      ...sample,
      curve: sample.curve.map((point) => ({
        ...point,
        intervals: { '0.8': [-1, 2], '0.95': [-2, 3] },
      })),
    },
  ],
];
