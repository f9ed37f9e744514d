/** What a timeline runs along. */
import type { Checkpoint } from '../../../../src/wire/index.ts';
import { countTick, flopsTick } from '../../format/index.ts';

export type AxisName = 'tokens' | 'step' | 'flops' | 'order';

export type Axis = {
  readonly name: AxisName;
  readonly label: string;
  readonly format: (value: number) => string;
  /** Null where the checkpoint's facts do not say. */
  readonly of: (checkpoint: Checkpoint) => number | null;
};

const labels: Readonly<Record<AxisName, string>> = {
  tokens: 'training tokens',
  step: 'step',
  flops: 'training FLOPs',
  order: 'checkpoint',
};

const axisNames: readonly AxisName[] = ['tokens', 'step', 'flops', 'order'];

/** The one that was asked for, else the first that all checkpoints have. */
export function chooseAxis(asked: string | undefined, checkpoints: readonly Checkpoint[]): Axis {
  const name =
    axisNames.find((known) => known === asked) ??
    axisNames.find((known) =>
      checkpoints.every((one) => known !== 'order' && one[known] !== null),
    ) ??
    'order';
  return createAxis(name, checkpoints);
}

export function createAxis(name: AxisName, checkpoints: readonly Checkpoint[]): Axis {
  const format = name === 'flops' ? flopsTick : countTick;
  if (name !== 'order') return { name, label: labels[name], format, of: (one) => one[name] };
  const places = new Map(checkpoints.map(({ checkpoint }, index) => [checkpoint, index + 1]));
  return {
    name,
    label: labels.order,
    format,
    of: ({ checkpoint }) => places.get(checkpoint) ?? null,
  };
}
