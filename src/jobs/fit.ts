/** A probe learns from the outcomes of some checkpoints, and is kept. */
import { basename } from 'node:path';
import { UserError } from '../error/index.ts';
import { type ArchitectureName, ARCHITECTURES, fitProbe, type ProbeCard } from '../probe/index.ts';
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
};

export type FitReport = {
  readonly probe: string;
  readonly suite: string;
  readonly card: ProbeCard;
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
  'scores',
  'intervals',
];

/** Extracts what is missing, fits and selects a probe on the outcomes of `checkpoints` alone, and keeps it. */
export async function fit(
  store: Store,
  request: FitRequest,
  options: FitJobOptions,
  context: JobContext,
): Promise<FitReport> {
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
    collectSeconds: (fitFrom - startedAt) / 1000,
    fitSeconds: (performance.now() - fitFrom) / 1000,
  };
}
