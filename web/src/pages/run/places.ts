/** Where the checkpoints of a run stand along an axis. */
import type { Checkpoint, RunTimeline } from '../../../../src/wire/index.ts';
import type { Axis } from './axis.ts';

export type Place = {
  readonly x: number;
  /** Which stage it is of, from 0 on: no line goes across stages. */
  readonly stage: number;
  readonly at: Checkpoint;
};

export type Places = {
  readonly byCheckpoint: ReadonlyMap<string, Place>;
  /** Where each stage but the first begins. */
  readonly stages: readonly { readonly x: number; readonly stage: string }[];
  /** Whether a stage counts from its own start, so that it was laid behind the stages before it. */
  readonly laid: boolean;
};

export type Training = Pick<RunTimeline, 'checkpoints' | 'stages'>;

/** A stage whose places fall behind the end of the one before has begun to count anew: that end is added to them. */
export function placesOf(run: Training, axis: Axis): Places {
  const byCheckpoint = new Map<string, Place>();
  const stages: { x: number; stage: string }[] = [];
  let laid = false;
  let end = 0;
  let before = 0;
  for (const [stage, { name, checkpoints }] of stagesOf(run).entries()) {
    const own = checkpoints.flatMap((at) => {
      const x = axis.of(at);
      return x === null ? [] : [{ x, at }];
    });
    if (own.length === 0) continue;
    const first = Math.min(...own.map(({ x }) => x));
    const restarts = byCheckpoint.size > 0 && first < end;
    if (restarts) before += end;
    laid ||= restarts;
    end = Math.max(...own.map(({ x }) => x));
    if (name !== null) stages.push({ x: restarts ? before : before + first, stage: name });
    for (const { x, at } of own) byCheckpoint.set(at.checkpoint, { x: before + x, stage, at });
  }
  return { byCheckpoint, stages, laid };
}

type Stage = { readonly name: string | null; readonly checkpoints: Checkpoint[] };

/** Checkpoints by stage; the first one needs no name, as nothing is drawn where it begins. */
function stagesOf({ checkpoints, stages }: Training): Stage[] {
  const begins = new Map(stages.slice(1).map(({ stage, from }) => [from, stage]));
  const first: Stage = { name: null, checkpoints: [] };
  const found = [first];
  let last = first;
  for (const at of checkpoints) {
    const name = begins.get(at.checkpoint);
    if (name !== undefined) found.push((last = { name, checkpoints: [] }));
    last.checkpoints.push(at);
  }
  return found;
}
