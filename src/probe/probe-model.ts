import type { ErrorModel } from './accuracy-interval.ts';
import type { ProbeCheckpointFacts, ProbeLayout } from './activations.ts';
import type { ArchitectureName } from './architectures.ts';
import type { ProbeCalibration } from './calibration.ts';
import type { CellScores, FullCellScores } from './cells.ts';
import type { DriftReference } from './drift.ts';
import type { DriftRule } from './drift-rule.ts';
import type { StopReason } from './estimator.ts';
import type { Heads } from './heads.ts';
import type { HeadSpec } from './head.ts';
import type { ImpliedAnswers } from './implied-answer.ts';
import type { PromptBaseline } from './prompt-baseline.ts';
import type { Representation, RepresentationOptions } from './representation.ts';
import type { LabellingSpread, Residual } from './residuals.ts';
import type { SelectionRow } from './selection.ts';
import type { TextComponents } from './text-components.ts';

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

/** Scores of the probe, and beside it of the baselines. */
type ScoresBesideBaselines = FullCellScores & {
  readonly baselines: Readonly<Record<BaselineName, CellScores>>;
};

/** What the probe scored at the latest labelled checkpoint, learned before it and without some of the questions. */
export type CardScores = {
  /** Id of the checkpoint that was predicted. */
  readonly checkpoint: string;
  /** Id of the latest one learned from; the same where it is the only labelled one. */
  readonly learnedUpTo: string;
  /** By task: questions learned from (at earlier checkpoints), and questions left out. */
  readonly rows: readonly (ScoresBesideBaselines & {
    readonly task: string;
    readonly split: 'seen' | 'unseen';
    readonly items: number;
  })[];
  /** Means over the tasks; null for a split without questions. */
  readonly summary: Readonly<
    Record<'seen' | 'unseen', (ScoresBesideBaselines & { readonly cells: number }) | null>
  >;
  /** Of the predictions for the questions left out; see `reliability`. Null below two of them. */
  readonly calibration: {
    readonly questions: number;
    readonly slope: number | null;
    readonly intercept: number | null;
    readonly debiasedError: number;
  } | null;
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
  /** Hashes of the texts of the seen items: one of another id that asks the same is no unseen question. */
  readonly seenTexts: readonly string[];
  readonly representation: RepresentationOptions | null;
  /** By name: `plain`, `task`, `item`, and the same behind `historyOnly.` and `random.`. */
  readonly heads: Readonly<Record<string, HeadCard>>;
  readonly selection: readonly SelectionRow[];
  /** The chosen probe and baselines by validation on the latest labelled checkpoint. */
  readonly validation: Readonly<Record<string, CellScores>>;
  /** Null where too few labels were left to learn from or to compare with. */
  readonly scores: CardScores | null;
  /** Share of the trend in a task's predicted level, 0…1. */
  readonly trendShare: number;
  /** Map of its probabilities for later checkpoints, before the trend; null where they stay as they are. */
  readonly calibration: ProbeCalibration | null;
  /** Vocabulary of the baseline promptOnly; null where it reads lengths alone. */
  readonly promptTerms: { readonly terms: readonly string[]; readonly factor: number } | null;
  /** Vocabulary of the components of the questions' texts; null where no head reads them. */
  readonly textTerms: readonly string[] | null;
  readonly errorModel: ErrorModel;
  /** What the error model was learned from. */
  readonly residuals: readonly Residual[];
  /** What was left to label in the replays, by task. */
  readonly labelling: Readonly<Record<string, LabellingSpread>>;
  /** When a signal is an alarm; null for a probe without states. */
  readonly drift: DriftRule | null;
  /** Hashes of what it was fitted on, as the caller gave them. */
  readonly data: Readonly<Record<string, string>>;
  readonly limits: readonly string[];
};

/** A fitted probe with its baselines: everything `predict` and `evaluate` need, in memory. */
export type ProbeModel = {
  readonly card: ProbeCard;
  readonly representation: Representation | null;
  readonly heads: Heads;
  /** What the outcomes of the seen items tell of their answers; null where no head looks at it. */
  readonly answers: ImpliedAnswers | null;
  readonly text: TextComponents | null;
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
