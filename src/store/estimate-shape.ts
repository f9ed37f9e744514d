import type { RecordShape } from './record-shape.ts';
import { numberIn, shapeOf, someTextIn, textIn, wholeIn } from './record-shapes.ts';

/** A task's accuracy at a checkpoint as a probe gave it, with or without labels. */
export type EstimateRecord = {
  suite: string;
  task: string;
  checkpoint: string;
  fingerprint: string;
  probe: string;
  /** Identity of the fitted probe behind the name. */
  probeId: string;
  /** Questions that it is about. */
  items: number;
  /** Of these, how many had a label that was used; 0 where the prediction stands alone. */
  labelled: number;
  /** 0…1, as are the ends of its interval. */
  predicted: number;
  low: number;
  high: number;
  /** Coverage that the interval aims at. */
  level: number;
  method: string;
  status: string;
  /** Why the status is not `ok`. */
  reason: string | null;
  /** Accuracies that were to be had without states, by name: a JSON object. */
  baselines: string;
};

export const estimateShape: RecordShape<EstimateRecord> = shapeOf<EstimateRecord>(
  'estimates',
  {
    suite: someTextIn('suite'),
    task: someTextIn('task'),
    checkpoint: someTextIn('checkpoint'),
    fingerprint: someTextIn('fingerprint'),
    probe: someTextIn('probe'),
    probeId: someTextIn('probe_id'),
    items: wholeIn('items'),
    labelled: wholeIn('labelled'),
    predicted: numberIn('predicted'),
    low: numberIn('low'),
    high: numberIn('high'),
    level: numberIn('level'),
    method: someTextIn('method'),
    status: someTextIn('status'),
    reason: textIn('reason'),
    baselines: someTextIn('baselines'),
  },
  ['suite', 'task', 'checkpoint', 'fingerprint', 'probe', 'probeId', 'items', 'labelled'],
);
