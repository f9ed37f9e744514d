import type { Kernel } from './kernel.ts';

/**
 * States that an architecture pools itself: one grid of layers × positions a row. Layers stand side by side at one
 * position (layer architectures: all layers of the pooled state) or one layer at every token (token architectures), or
 * both. Columns are standardised over the fitted checkpoints.
 */
export type Sequences = {
  /** Layers at each position, 1 or more. */
  readonly layers: number;
  /** Positions of the longest sequence. */
  readonly positions: number;
  /** Numbers of one state. */
  readonly hidden: number;
  /**
   * States of some rows (numbers as in `features`): `values` (rows, layers, positions, hidden) row-major, zero behind the
   * end of a sequence; `lengths` (rows), 1 or more. What is returned may be overwritten by the next call.
   */
  read(rows: Int32Array): Promise<{ values: Float32Array; lengths: Int32Array }>;
};

/** Rows to score. */
export type ProbeRows = {
  /** (rows, width) row-major, on comparable scales (columns of about unit variance). */
  readonly features: Float32Array;
  readonly rows: number;
  readonly width: number;
  /** Task of each row, 0 … tasks − 1; −1 (in scoring alone) is one that was never seen. */
  readonly task: Int32Array;
  /** States that the architecture pools; null for one that reads `features` alone. */
  readonly sequences: Sequences | null;
};

/** What an estimator learns from: one row per (question, checkpoint), in any order. */
export type ProbeData = ProbeRows & {
  readonly tasks: number;
  /** Share of right answers, 0…1. */
  readonly rate: Float64Array;
  /** Weight of each row in the likelihood, in questions: 1 for an ordinary one, 0 or more. */
  readonly weight: Float64Array;
  /** Log odds that each row begins with, before any weights; none where absent. */
  readonly offset?: Float64Array;
  /** Question (or group of questions) of each row: rows of one unit stay on one side of any split. */
  readonly unit: Int32Array;
};

export type StopReason = 'converged' | 'max-iterations' | 'no-progress' | 'early-stopped';

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
  /** A probability for every row. */
  predict(rows: ProbeRows, kernel: Kernel): Promise<Float64Array>;
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
