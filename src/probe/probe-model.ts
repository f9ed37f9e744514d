import type { ErrorModel } from './accuracy-interval.ts';
import type { ProbeCheckpointFacts, ProbeLayout } from './activations.ts';
import type { ArchitectureName } from './architectures.ts';
import type { CellScores } from './cells.ts';
import type { DriftReference } from './drift.ts';
import type { StopReason } from './estimator.ts';
import type { Heads } from './heads.ts';
import type { HeadSpec } from './head.ts';
import type { PromptBaseline } from './prompt-baseline.ts';
import type { Representation, RepresentationOptions } from './representation.ts';
import type { Residual } from './residuals.ts';
import type { SelectionRow } from './selection.ts';

export const BASELINES = [
  'persistence',
  'taskMean',
  'trend',
  'historyOnly',
  'promptOnly',
  'randomWeights',
] as const;

export type BaselineName = (typeof BASELINES)[number];

export type HeadCard = {
  readonly spec: HeadSpec;
  readonly estimator: string;
  readonly width: number;
  readonly converged: boolean;
  readonly iterations: number;
  readonly stopReason: StopReason;
};

/** What a probe is and what it was fitted on: plain JSON. */
export type ProbeCard = {
  readonly name: string;
  /** What was asked for; what the heads are is with them. */
  readonly architecture: 'auto' | ArchitectureName;
  readonly layout: ProbeLayout;
  readonly seed: number;
  readonly holdout: number;
  readonly tasks: readonly string[];
  readonly checkpoints: readonly ProbeCheckpointFacts[];
  /** Items learned from, and items held out. */
  readonly split: { readonly seen: readonly string[]; readonly unseen: readonly string[] };
  /** Task of each seen item, an index into `tasks`. */
  readonly seenTasks: readonly number[];
  readonly representation: RepresentationOptions | null;
  /** By name: `plain`, `task`, `item`, and the same behind `historyOnly.` and `random.`. */
  readonly heads: Readonly<Record<string, HeadCard>>;
  readonly selection: readonly SelectionRow[];
  /** The chosen probe and baselines by validation on the latest labelled checkpoint. */
  readonly validation: Readonly<Record<string, CellScores>>;
  /** Share of the trend in a task's predicted level, 0…1. */
  readonly trendShare: number;
  /** Vocabulary of the baseline promptOnly; null where it reads lengths alone. */
  readonly promptTerms: { readonly terms: readonly string[]; readonly factor: number } | null;
  readonly errorModel: ErrorModel;
  /** What the error model was learned from. */
  readonly residuals: readonly Residual[];
  /** Hashes of what it was fitted on, as the caller gave them. */
  readonly data: Readonly<Record<string, string>>;
  readonly limits: readonly string[];
};

/** A fitted probe with its baselines: everything `predict` and `evaluate` need, in memory. */
export type ProbeModel = {
  readonly card: ProbeCard;
  readonly representation: Representation | null;
  readonly heads: Heads;
  /** Outcomes of the seen items, (checkpoints, seen items). */
  readonly outcomes: { readonly k: Float64Array; readonly n: Float64Array };
  readonly drift: DriftReference | null;
  readonly baselines: {
    readonly historyOnly: Heads;
    readonly promptOnly: PromptBaseline;
    readonly randomWeights: {
      readonly representation: Representation;
      readonly heads: Heads;
    } | null;
  };
};
