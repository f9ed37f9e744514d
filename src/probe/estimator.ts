import type { Kernel } from './kernel.ts';

/** What an estimator learns from: one row per (question, checkpoint), in any order. */
export type ProbeData = {
  /** (rows, width) row-major, on comparable scales (columns of about unit variance). */
  readonly features: Float32Array;
  readonly rows: number;
  readonly width: number;
  /** Task of each row, 0 … tasks − 1. */
  readonly task: Int32Array;
  readonly tasks: number;
  /** Share of right answers, 0…1. */
  readonly rate: Float64Array;
  /** Weight of each row in the likelihood, in questions: 1 for an ordinary one, 0 or more. */
  readonly weight: Float64Array;
};

export type StopReason = 'converged' | 'max-iterations' | 'no-progress';

/** An array that goes to a file of tensors by its name. */
export type NamedTensor = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
};

/** A fitted estimator: pure data and a pure function. */
export type FittedProbe = {
  readonly estimator: string;
  readonly width: number;
  readonly tasks: number;
  readonly converged: boolean;
  readonly iterations: number;
  readonly stopReason: StopReason;
  /** Objective at the end, in nats: weighted negative log-likelihood and penalty. */
  readonly objective: number;
  /** Probabilities for `features` (task.length, width); a task of −1 is one that was never seen. */
  predict(features: Float32Array, task: Int32Array): Float64Array;
  /** The weights; `Probe.restore` reads them. */
  toTensors(): readonly NamedTensor[];
};

/** An estimator. Options are plain data, so that a card can hold them. */
export type Probe<Options> = {
  readonly name: string;
  /** `start`: an earlier fit to begin from, for speed alone; one of another shape is ignored. */
  fit(data: ProbeData, options: Options, kernel: Kernel, start?: FittedProbe): Promise<FittedProbe>;
  restore(tensors: ReadonlyMap<string, NamedTensor>): FittedProbe;
};
