/** How far probes carry from the checkpoints that they learned from to later ones, to other tasks and other stages. */
import { UserError } from '../error/index.ts';
import type { Across } from '../outcomes/index.ts';
import { runTransfer, type TransferResult, type TransferTrain } from '../probe/index.ts';
import type { Store } from '../store/index.ts';
import { architectureNamed } from './fit.ts';
import { collectFitData, type FitRequest } from './fit-data.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import { keepTransfer, matrixOf } from './keep-transfer.ts';
import { type JobContext, startProgress } from './progress.ts';

export type { TransferCell } from '../probe/index.ts';

export type TransferJobOptions = {
  readonly train: TransferTrain;
  /** An architecture, or `auto`: chosen anew for each row. */
  readonly probe: string;
  /** Share of each task's questions kept unseen, above 0. */
  readonly holdout: number;
  readonly seed: number;
  /** Also fit without each task in turn. */
  readonly leaveTaskOut: boolean;
};

export type TransferReport = TransferResult &
  Omit<TransferJobOptions, 'leaveTaskOut'> & {
    /** Of what was asked: the store keeps the matrix under it. */
    readonly id: string;
    readonly suite: string;
    readonly tasks: readonly string[];
    /** Differences across which outcomes were joined. */
    readonly across: readonly Across[];
    /** Ids in training order: rows and columns of the matrix. */
    readonly checkpoints: readonly string[];
  };

/**
 * Extracts what is missing, then fits a probe a row and scores it on every later checkpoint. States and the matrix are kept.
 *
 * @throws UserError as `collectFitData` does, and where the matrix would be empty.
 */
export async function transfer(
  store: Store,
  request: FitRequest,
  options: TransferJobOptions,
  context: JobContext,
): Promise<TransferReport> {
  const { train, probe, holdout, seed } = options;
  checkOptions(request, options);
  const architecture = architectureNamed(probe);
  const { suite, checkpoints, data } = await collectFitData(
    store,
    { ...request, architecture },
    context,
  );
  const startedAs = { label: `transfer ${suite.name}`, unit: 'fits' };
  let report: ((done: number) => void) | null = null;
  const result = await runTransfer(data, {
    ...{ train, holdout, seed, leaveTaskOut: options.leaveTaskOut },
    rope: ropeSettings(checkpoints),
    fit: { architecture, onProgress: () => context.signal.throwIfAborted() },
    onProgress: (done, total) => {
      report ??= startProgress(context.progress, { ...startedAs, total });
      report(done);
      context.signal.throwIfAborted();
    },
  });
  const about = {
    suite: suite.name,
    tasks: [...suite.tasks.keys()],
    across: request.across,
    ...{ train, probe, holdout, seed },
    checkpoints: checkpoints.map(({ id }) => id),
  };
  const precision = request.precision ?? 'f32';
  const asked = { ...request, ...options, ...about, suiteHash: suite.hash, precision };
  const id = await keepTransfer(store, asked, { ...about, precision, ...matrixOf(result) });
  return { id, ...about, ...result };
}

function checkOptions({ checkpoints }: FitRequest, { holdout }: TransferJobOptions): void {
  if (checkpoints.length < 2) {
    throw new UserError(
      `--checkpoints: expected two or more, got ${checkpoints.length}; name a later one to score`,
    );
  }
  if (!(holdout > 0 && holdout < 1)) {
    throw new UserError(
      `--holdout: expected a share above 0 and below 1, got ${holdout}; the matrix is about unseen questions`,
    );
  }
}

function ropeSettings(checkpoints: readonly KnownCheckpoint[]): Map<string, string> {
  return new Map(
    checkpoints.flatMap(({ id, opened }) => {
      const settings = opened === null ? null : describeRope(opened.config);
      return settings === null ? [] : [[id, settings] as const];
    }),
  );
}

type Fields = Readonly<Record<string, unknown>>;

/** Rope settings in one form: older configurations name them beside each other, newer ones under `rope_parameters`. */
function describeRope(config: Fields): string | null {
  const own = isFields(config['text_config']) ? { ...config, ...config['text_config'] } : config;
  const {
    rope_theta: theta = null,
    rope_type: type = null,
    type: olderType = null,
    ...scaling
  }: Fields = {
    rope_theta: own['rope_theta'],
    ...(isFields(own['rope_scaling']) ? own['rope_scaling'] : {}),
    ...(isFields(own['rope_parameters']) ? own['rope_parameters'] : {}),
  };
  const kind = type ?? olderType ?? 'default';
  if (theta === null && kind === 'default' && Object.keys(scaling).length === 0) return null;
  const rest = Object.entries(scaling).sort(([a], [b]) => (a < b ? -1 : 1));
  const named = [['theta', theta] as const, ['type', kind] as const, ...rest];
  return named
    .filter(([name, value]) => value !== null && !(name === 'type' && value === 'default'))
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
