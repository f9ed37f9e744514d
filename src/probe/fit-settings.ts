import { UserError } from '../error/index.ts';
import { type ArchitectureName, architectureOf } from './architectures.ts';
import { CALIBRATION, type CalibrationName, CALIBRATIONS } from './calibration.ts';
import { TREND_SHARE } from './level.ts';
import type {
  Activations,
  ProbeCheckpoint,
  ProbeItem,
  ProbeLayout,
  ProbePool,
} from './activations.ts';
import type { Align, Standardise } from './representation.ts';

export type FitData = {
  readonly items: readonly ProbeItem[];
  /** Labelled checkpoints in training order; outcomes of held-out items are never read. */
  readonly checkpoints: readonly ProbeCheckpoint[];
  readonly layout: ProbeLayout;
  /** Activations of the same items under random weights, for the baseline of that name. */
  readonly random?: Activations | null;
};

export type FitOptions = {
  readonly name: string;
  /** Share of every task's questions that is kept unseen, 0 … below 1. @default 0.4 */
  readonly holdout?: number;
  /** @default 0 */
  readonly seed?: number;
  /** Architecture of the heads; `auto` compares those that need no other pass. @default 'auto' */
  readonly architecture?: 'auto' | ArchitectureName;
  /** Look at the hidden states. @default true */
  readonly states?: boolean;
  /** Look at the next-token output features. @default true, where every checkpoint has them */
  readonly output?: boolean;
  /**
   * Look at the mass of the likeliest next tokens and at the log-likelihood of the question's tokens. @default where
   * `output` is looked at and every checkpoint has them
   */
  readonly likelihood?: boolean;
  /**
   * Look at what earlier outcomes tell of the token that the right answer begins with; see `impliedAnswers`. @default where
   * `output` and `history` are looked at and every checkpoint has its likeliest next tokens
   */
  readonly answer?: boolean;
  /** Look at the prompt's length. @default true */
  readonly length?: boolean;
  /** Look at components of the question's text. @default true */
  readonly text?: boolean;
  /** Look at earlier outcomes of a question and its task. @default true */
  readonly history?: boolean;
  /** Share of the trend in a task's predicted level, 0…1. @default 1/3 */
  readonly trendShare?: number;
  /**
   * Map from predictions of later checkpoints to rates, learned on replays of the past; needs `complete`.
   * @default 'none'
   */
  readonly calibration?: CalibrationName;
  /** Pools to choose from. @default those of the layout */
  readonly pools?: readonly ProbePool[];
  /** Layers to choose from; one set, not searched, when given. */
  readonly layers?: readonly number[];
  /**
   * Weight of a labelled checkpoint's rows: this to the power of how many labelled ones came after it, above 0 to 1.
   * @default 1
   */
  readonly recency?: number;
  /** How states are put on one scale; `auto` compares `none` and `task`. @default 'auto' */
  readonly standardise?: 'auto' | Standardise;
  /** Map to the latest fitted checkpoint; only what reads components can be aligned. @default 'none' */
  readonly align?: Align;
  /** Hashes of what is fitted on, for the card. */
  readonly dataHashes?: Readonly<Record<string, string>>;
  /** Threads of the heavy products. @default all */
  readonly threads?: number;
  /** Fit baselines and the replay behind the intervals. Off only for experiments that compare fits. @default true */
  readonly complete?: boolean;
  readonly onProgress?: (step: string) => void;
};

/** Options with their defaults in place. */
export type FitSettings = Required<
  Omit<FitOptions, 'layers' | 'threads' | 'onProgress' | 'dataHashes'>
> & {
  readonly layers: readonly number[] | null;
};

/** Checks the options against the data and puts the defaults in place. */
export function settingsOf(data: FitData, options: FitOptions): FitSettings {
  const { holdout = 0.4, seed = 0, states = true, history = true, complete = true } = options;
  const {
    length = true,
    text = true,
    trendShare = TREND_SHARE,
    calibration = CALIBRATION,
  } = options;
  if (!(trendShare >= 0 && trendShare <= 1))
    throw new UserError(`fit: expected \`trendShare\` from 0 to 1, got ${trendShare}`);
  if (!CALIBRATIONS.includes(calibration)) {
    throw new UserError(
      `fit: expected \`calibration\` among [${CALIBRATIONS.join(', ')}], got ${calibration}`,
    );
  }
  const { layout } = data;
  if (!(holdout >= 0 && holdout < 1)) {
    throw new UserError(`fit: expected \`holdout\` from 0 to below 1, got ${holdout}`);
  }
  const { recency = 1, standardise = 'auto', align = 'none', architecture = 'auto' } = options;
  if (!(recency > 0 && recency <= 1))
    throw new UserError(`fit: expected \`recency\` above 0 up to 1, got ${recency}`);
  checkReads(architecture, align);
  if (!Number.isSafeInteger(seed))
    throw new UserError(`fit: expected \`seed\` to be a whole number, got ${seed}`);
  // An architecture that reads tokens finds in the representation the scales of the layers that these were taken from.
  const layers = options.layers ?? data.checkpoints[0]?.tokenStates?.layers ?? null;
  const outside = layers?.find(
    (layer) => !(Number.isInteger(layer) && layer >= 0 && layer < layout.layers),
  );
  if (outside !== undefined || layers?.length === 0) {
    throw new UserError(
      `fit: expected \`layers\` from 0 to ${layout.layers - 1}, got ${String(outside ?? 'none')}`,
    );
  }
  const pools = options.pools ?? layout.pools;
  const missing = pools.find((pool) => !layout.pools.includes(pool));
  if (states && (missing !== undefined || pools.length === 0)) {
    throw new UserError(
      `fit: expected \`pool\` among the extracted ones [${layout.pools.join(', ')}], got ${missing ?? 'none'}`,
    );
  }
  const hasOutput = data.checkpoints.every((checkpoint) => checkpoint.output !== null);
  const output = options.output ?? hasOutput;
  if (output && !hasOutput)
    throw new UserError('fit: expected output features of every checkpoint; extract pool `output`');
  if (!states && !output)
    throw new UserError('fit: expected `states` or `output` to learn from, got neither');
  const hasLikelihood = data.checkpoints.every(
    ({ likelihood, nextTokens }) => likelihood != null && nextTokens != null,
  );
  const hasTokens = data.checkpoints.every(({ nextTokens }) => nextTokens != null);
  const { likelihood = output && hasLikelihood, answer = output && history && hasTokens } = options;
  if ((likelihood && !hasLikelihood) || (answer && !hasTokens)) {
    throw new UserError(
      'fit: expected likelihoods and likeliest next tokens of every checkpoint; extract them again',
    );
  }
  return {
    name: options.name,
    architecture,
    holdout,
    seed,
    states,
    output,
    likelihood,
    answer,
    length,
    text,
    trendShare,
    calibration,
    history,
    pools,
    layers,
    recency,
    standardise,
    align,
    complete,
  };
}

function checkReads(architecture: FitSettings['architecture'], align: Align): void {
  if (align === 'none' || architecture === 'auto') return;
  const { reads } = architectureOf(architecture);
  if (reads === 'components') return;
  throw new UserError(
    `fit: expected an architecture that reads components with \`align\` ${align}, got ${architecture}, which reads ${reads}; fit it without`,
  );
}
