/** A probe learns from the outcomes of some checkpoints, and is kept. */
import { basename } from 'node:path';
import { UserError } from '../error/index.ts';
import type { Across } from '../outcomes/index.ts';
import {
  type Align,
  type ArchitectureName,
  type CalibrationName,
  ARCHITECTURES,
  fitProbe,
  type ProbeCard,
  type Standardise,
} from '../probe/index.ts';
import type { Store } from '../store/index.ts';
import { collectFitData, type FitRequest } from './fit-data.ts';
import { writeProbe } from './probe-files.ts';
import { type JobContext, startProgress } from './progress.ts';

export type FitJobOptions = {
  /** Null: the suite's name. */
  readonly name: string | null;
  /** An architecture, or `auto`: the best of those that read pooled states. */
  readonly probe: string;
  /** Share of each task's questions kept unseen. */
  readonly holdout: number;
  readonly seed: number;
  /** Weight of a checkpoint's outcomes against those of the next labelled one, above 0 to 1. @default 1 */
  readonly recency?: number;
  /** How states are put on one scale. @default 'auto' */
  readonly standardise?: 'auto' | Standardise;
  /** Map of every checkpoint's states to the latest fitted one's. @default 'none' */
  readonly align?: Align;
  /** What the probe does not look at, though it could. @default nothing */
  readonly without?: readonly string[];
  /** Map from predictions of later checkpoints to rates, learned on replays of the past. @default 'none' */
  readonly calibration?: CalibrationName;
};

export type FitReport = {
  readonly probe: string;
  readonly suite: string;
  readonly card: ProbeCard;
  /** Differences across which outcomes were joined. */
  readonly across: readonly Across[];
  /** Seconds of collecting states and outcomes, and of fitting. */
  readonly collectSeconds: number;
  readonly fitSeconds: number;
};

/** @throws UserError for a name that is none. */
export function architectureNamed(name: string): 'auto' | ArchitectureName {
  const known = (['auto', ...ARCHITECTURES] as const).find((one) => one === name);
  if (known !== undefined) return known;
  throw new UserError(
    `--probe: expected auto or one of ${ARCHITECTURES.join(', ')}, got \`${name}\``,
  );
}

/** What a fit reports, in order. */
const fitSteps: readonly string[] = [
  'select representation',
  'select unseen',
  'select seen',
  'fit',
  'baselines',
  'intervals',
  'scores',
];

/** Extracts what is missing, fits and selects a probe on the outcomes of `checkpoints` alone, and keeps it. */
export async function fit(
  store: Store,
  request: FitRequest,
  options: FitJobOptions,
  context: JobContext,
): Promise<FitReport> {
  const off = switchedOff(options.without ?? []);
  const { recency = 1, standardise = 'auto', align = 'none', calibration = 'none' } = options;
  const architecture = architectureNamed(options.probe);
  if (options.name === '') throw new UserError('--name: expected a name, got an empty one');
  const startedAt = performance.now();
  const { suite, checkpoints, data } = await collectFitData(
    store,
    { ...request, architecture },
    context,
  );
  const fingerprints = checkpoints.map(({ fingerprint }) => fingerprint ?? '');
  const name = options.name ?? suite.name;
  const fitFrom = performance.now();
  const report = startProgress(context.progress, {
    label: `fit ${name}`,
    unit: 'steps',
    total: fitSteps.length,
  });
  const model = await fitProbe(data, {
    name,
    architecture,
    holdout: options.holdout,
    seed: options.seed,
    recency,
    standardise,
    align,
    calibration,
    ...off,
    dataHashes: Object.fromEntries(checkpoints.map(({ id }, i) => [id, fingerprints[i] ?? ''])),
    onProgress: (step) => {
      report(Math.max(0, fitSteps.indexOf(step)));
      context.signal.throwIfAborted();
    },
  });
  report(fitSteps.length);
  await writeProbe(store, model, {
    suite: suite.name,
    suiteContentHash: basename(suite.dir ?? ''),
    tasks: [...suite.tasks.keys()],
    render: request.render,
    fingerprints,
  });
  return {
    probe: name,
    suite: suite.name,
    card: model.card,
    across: request.across,
    collectSeconds: (fitFrom - startedAt) / 1000,
    fitSeconds: (performance.now() - fitFrom) / 1000,
  };
}

const SWITCHES = ['states', 'output', 'likelihood', 'answer', 'length', 'text', 'history'] as const;

/** @throws UserError for a name that is none of what a probe looks at. */
function switchedOff(names: readonly string[]): Partial<Record<(typeof SWITCHES)[number], false>> {
  const unknown = names.find((name) => !SWITCHES.some((known) => known === name));
  if (unknown !== undefined) {
    throw new UserError(`--without: expected some of ${SWITCHES.join(', ')}, got \`${unknown}\``);
  }
  return Object.fromEntries(names.map((name) => [name, false]));
}
