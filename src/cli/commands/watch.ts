import { dirname } from 'node:path';
import type { JobRunner } from '../../runner/index.ts';
import type { Store } from '../../store/index.ts';
import type { WatchReport, WatchSettings } from '../../watch/index.ts';
import { UserError, userWords } from '../../error/index.ts';
import type { CommandDefinition, CommandOutput } from '../command.ts';
import { commaList, realNumber, wholeNumber } from '../option-parsers.ts';
import { optionalFlag, optionalList, optionalNumber, optionalText } from '../options.ts';
import { renderLook, renderWatch } from '../render/watch-tables.ts';
import type { CliSession } from '../session.ts';
import { addRedisOption, readRedis, redisName } from './redis-option.ts';
import { addTasksOption } from './shared-options.ts';

/** Seconds between two looks, where neither option nor file says. */
const usualPoll = 30;

export const watchCommand: CommandDefinition = {
  usage: 'watch <dir>',
  summary: 'each new checkpoint in a folder: states, prediction, estimate, forecast check, alerts',
  configure: (command) => {
    addRedisOption(
      addTasksOption(command),
      'have workers of this queue do the steps (sonde worker)',
    )
      .option('--once', 'do what is due, and end; exit 3 where something needs a person')
      .option(
        '--probe <names>',
        'fitted probes: a,b (default: watch in sonde.yaml)',
        commaList('--probe'),
      )
      .option(
        '--ladder <ids>',
        'forecast every checkpoint from these: a,b,c',
        commaList('--ladder'),
      )
      .option(
        '--label <questions>',
        'label so many questions where a task is to be measured again (default: none)',
        wholeNumber('--label', { min: 2 }),
      )
      .option(
        '--quiet-period <s>',
        'seconds without a change until a checkpoint counts as written (default: 30)',
        realNumber('--quiet-period', { min: 0 }),
      )
      .option(
        '--poll <s>',
        'seconds between two looks (default: 30)',
        realNumber('--poll', { min: 0.1, max: 86_400 }),
      )
      .option('--tensorboard <dir>', 'write event files for TensorBoard')
      .option('--prometheus <file>', 'write metrics for the textfile collector of a node exporter')
      .option('--jsonl <file>', 'write a line a checkpoint and task')
      .option(
        '--concurrency <n>',
        'processes at a time; each runs a model on all cores (default: 1)',
        wholeNumber('--concurrency', { min: 1, max: 64 }),
      );
  },
  run: async ([dir = ''], options, session) => {
    const { loadConfig } = await import('../../config/index.ts');
    const { configureWatch } = await import('../../watch/index.ts');
    const { watch: section, path } = await loadConfig(session.cwd, { store: session.storeDir });
    const pathOf = (name: string): string | null => {
      const given = optionalText(options, name);
      return given === null ? null : session.resolve(given);
    };
    const settings = configureWatch(
      {
        dir: session.resolve(dir),
        probes: optionalList(options, 'probe'),
        tasks: optionalList(options, 'tasks'),
        ladder: optionalList(options, 'ladder'),
        labelQuestions: optionalNumber(options, 'label'),
        quietPeriod: optionalNumber(options, 'quietPeriod'),
        exports: {
          tensorboard: pathOf('tensorboard'),
          prometheus: pathOf('prometheus'),
          jsonl: pathOf('jsonl'),
        },
      },
      section,
      { env: session.env, note: session.note, sectionDir: dirname(path ?? session.cwd) },
    );
    const store = await session.store();
    const runner = await openRunner(store, options, session);
    try {
      return optionalFlag(options, 'once')
        ? await lookOnce({ store, runner, settings }, session)
        : await lookOn({ store, runner, settings }, session, {
            pollMs: 1000 * (optionalNumber(options, 'poll') ?? section.poll ?? usualPoll),
          });
    } finally {
      await runner[Symbol.asyncDispose]();
    }
  },
};

type Watched = {
  readonly store: Store;
  readonly runner: JobRunner;
  readonly settings: WatchSettings;
};

async function openRunner(
  store: Store,
  options: Record<string, unknown>,
  session: CliSession,
): Promise<JobRunner> {
  const { createProcessRunner, openQueueRunner } = await import('../../runner/index.ts');
  const { cwd, note, progress } = session;
  const url = readRedis(options, session);
  const given = optionalNumber(options, 'concurrency');
  if (url !== null) {
    if (given !== null) {
      throw new UserError(
        `--concurrency: expected it with sonde worker, got it with watch and a queue (${redisName})`,
      );
    }
    return await openQueueRunner(store, { url, note });
  }
  const concurrency = given ?? 1;
  return createProcessRunner(store, { cwd, note, progress, concurrency });
}

async function lookOnce(
  { store, runner, settings }: Watched,
  session: CliSession,
): Promise<CommandOutput> {
  const { createWatcher, expectFolder } = await import('../../watch/index.ts');
  await expectFolder(settings.dir);
  const { note, signal } = session;
  const watcher = createWatcher(store, runner, settings, { note, signal, clock: Date.now });
  const report = await watcher.look();
  return { json: report, text: () => renderWatch(report), needsPerson: needsPerson(report) };
}

/** Its end is a signal: then it is done, and not interrupted. */
async function lookOn(
  { store, runner, settings }: Watched,
  session: CliSession,
  { pollMs }: { readonly pollMs: number },
): Promise<CommandOutput> {
  const { createWatcher, watch } = await import('../../watch/index.ts');
  const { note, signal } = session;
  const watcher = createWatcher(store, runner, settings, { note, signal, clock: Date.now });
  const onLook = (report: WatchReport): void => {
    for (const line of renderLook(report)) note(line);
  };
  const report = await watch(watcher, { pollMs, signal, onLook, note, explain });
  if (report === null) return { json: { dir: settings.dir, checkpoints: null }, text: () => '' };
  return { json: report, text: () => renderWatch(report), needsPerson: needsPerson(report) };
}

function explain(error: unknown): string {
  const words = userWords(error);
  if (words !== null) return words;
  return `a bug, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

function needsPerson({ alerts, failures }: WatchReport): boolean {
  return failures.length > 0 || alerts.some(({ acknowledgedAt }) => acknowledgedAt === null);
}
