import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/store/index.ts';
import { runJson, series } from './run-sonde.ts';

const fitted = ['26-tokens240K', '52-tokens479K', '104-tokens958K', '182-tokens2M'];

/** What is watched: little, or so much that an undisturbed watch takes a quarter of a minute. */
const sizes = {
  small: {
    later: ['286-tokens3M', '417-tokens4M', '573-tokens5M'],
    tasks: ['add', 'count', 'max'],
  },
  full: {
    later: ['286-tokens3M', '417-tokens4M', '573-tokens5M', '781-tokens7M', '1042-tokens10M'],
    tasks: ['add', 'count', 'max', 'sort', 'mod', 'logic'],
  },
} as const;

/** A folder with the early checkpoints of the bundled series, a probe fitted on them, and later ones to come. */
export type WatchedSeries = {
  readonly folder: string;
  /** Names of the checkpoints that have not appeared yet, in training order. */
  readonly later: readonly string[];
  /** A store and a folder of checkpoints of a scenario's own. */
  scenario(name: string): Scenario;
  remove(): void;
};

export type Scenario = {
  readonly store: string;
  readonly dir: string;
  arrive(checkpoint: string): void;
  /** `--store S watch DIR --probe p --quiet-period 0 …` */
  watch(...more: readonly string[]): string[];
};

export async function prepareSeries(size: keyof typeof sizes = 'small'): Promise<WatchedSeries> {
  const { later, tasks } = sizes[size];
  const folder = mkdtempSync(join(tmpdir(), 'sonde-series-'));
  const template = join(folder, 'template');
  await runJson(['--store', template, 'import', 'outcomes.csv']);
  await runJson([
    ...['--store', template, 'fit', '--suite', 'suite', '--probe', 'linear', '--name', 'p'],
    ...['--tasks', tasks.join(','), '--checkpoints'],
    fitted.map((name) => `d128L4/stage1-step${name}`).join(','),
  ]);
  return {
    folder,
    later: later.map((name) => `stage1-step${name}`),
    scenario(name) {
      const [store, dir] = [join(folder, name, '.sonde'), join(folder, name, 'd128L4')];
      mkdirSync(dir, { recursive: true });
      cpSync(template, store, { recursive: true });
      const arrive = (checkpoint: string): void => {
        cpSync(join(series, 'd128L4', checkpoint), join(dir, checkpoint), { recursive: true });
      };
      for (const one of fitted) arrive(`stage1-step${one}`);
      return {
        ...{ store, dir, arrive },
        watch: (...more) => [
          ...['--store', store, 'watch', dir, '--probe', 'p', '--quiet-period', '0', ...more],
        ],
      };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Everything that a store holds, apart from times and from what only says how often something was begun. */
export async function contentOf(dir: string): Promise<Record<string, unknown>> {
  await using store = await openStore(dir);
  const jobs = await store.jobs.list();
  const alerts = await store.alerts.list();
  return {
    outcomes: await store.outcomes.list(),
    answers: await store.answers.list(),
    predictions: await store.predictions.list(),
    estimates: await store.estimates.list(),
    parts: ['outcomes', 'answers', 'predictions', 'estimates'].flatMap((kind) =>
      filesBelow(join(dir, kind), kind),
    ),
    activations: filesBelow(join(dir, 'activations'), 'activations').map((name) => {
      const hash = createHash('sha256')
        .update(readFileSync(join(dir, name)))
        .digest('hex');
      return [name, hash];
    }),
    // Folders of checkpoints are named by where a scenario lies, and so are the steps that read them.
    jobs: jobs
      .filter(({ kind }) => kind !== 'register')
      .map(({ id, state, result }) => ({ id, state, result: withoutSeconds(result) })),
    registered: jobs.filter(({ kind, state }) => kind === 'register' && state === 'done').length,
    alerts: alerts
      .map(({ id, kind, message, closedAt, notified }) => {
        return { id, kind, message, isClosed: closedAt !== null, notified };
      })
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

/** How long it took, and what of it an earlier start had done. */
function withoutSeconds(result: unknown): unknown {
  const isExtraction = typeof result === 'object' && result !== null && 'seconds' in result;
  return isExtraction ? null : result;
}

/** Hidden ones are what a killed process left half-written: nobody reads them. */
function filesBelow(folder: string, name: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.'))
    .flatMap((entry) => {
      const path = `${name}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(join(folder, entry.name), path) : [path];
    })
    .sort();
}
