import type { Traced } from '../../graph/index.ts';

/** Sizes of what an architecture reads. */
export type Sizes = {
  /** Columns of the features, 0 or more. */
  readonly width: number;
  /** Tasks that were fitted, 1 or more. */
  readonly tasks: number;
  /** Layers and numbers of the states; 0 for an architecture without them. */
  readonly layers: number;
  readonly hidden: number;
};

/** One array of weights, drawn at the start from a normal distribution around `level`. */
export type Parameter = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly deviation: number;
  /** One number for all, or the values of the last axis. @default 0 */
  readonly level?: number | readonly number[];
  /** Whether weight decay pulls it to zero: weights of features, not biases, gains or levels. */
  readonly decay: boolean;
};

/** States of a batch. */
export type States = {
  /** (rows, layers, positions, hidden). */
  readonly values: Traced;
  /** (rows, positions): 0 inside the sequence, −1e9 behind its end; to be added to logits of attention. */
  readonly behind: Traced;
  /** (rows, positions): position less that of the last state, in positions, 0 or less inside. */
  readonly distance: Traced;
  readonly layers: number;
  readonly positions: number;
  readonly hidden: number;
};

/** A batch as values of a graph. */
export type Batch = {
  readonly rows: number;
  /** (rows, width); null where width is 0. */
  readonly features: Traced | null;
  /** (rows), int64: −1 is an unknown task. */
  readonly task: Traced;
  /** (1, tasks): weights of the mean that stands for an unknown task, sum 1. */
  readonly known: Traced;
  readonly states: States | null;
  /** Zeroes a share of the numbers while fitting and scales the rest up; elsewhere the identity. */
  readonly drop: (x: Traced) => Traced;
};

/** A parameter of the graph by its name. */
export type Weights = (name: string) => Traced;

/** The numbers that shape a network, kept with its weights. */
export type Plan = Readonly<Record<string, number>>;

/** A network: its weights and the logit of a row. */
export type Architecture<Options, P extends Plan> = {
  readonly name: string;
  /** What it pools itself: nothing, the layers of one position, or positions. */
  readonly pools: 'nothing' | 'layers' | 'positions';
  /** Options with their defaults, as numbers, always with the same keys in the same order. */
  readonly plan: (options: Partial<Options>) => P;
  readonly parameters: (sizes: Sizes, plan: P) => readonly Parameter[];
  /** (rows, 1): log-odds of a right answer. */
  readonly logit: (batch: Batch, weights: Weights, plan: P) => Traced;
};
