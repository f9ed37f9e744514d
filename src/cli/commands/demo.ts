import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandDefinition, CommandOutput } from '../command.ts';
import { realNumber } from '../option-parsers.ts';
import { numberOption, optionalFlag, optionalText } from '../options.ts';
import { renderDemo } from '../render/demo.ts';
import { renderLook, renderWatch } from '../render/watch-tables.ts';
import type { Store } from '../../store/index.ts';
import type { CliSession } from '../session.ts';
import { openBrowser, startDashboard } from './demo-dashboard.ts';

export const demoCommand: CommandDefinition = {
  usage: 'demo',
  summary: 'the whole of it on a bundled series of checkpoints, in about two minutes',
  configure: (command) => {
    command
      .option(
        '--replay <dir>',
        'as if it were being trained: checkpoints appear one by one in this folder, watched',
      )
      .option(
        '--open',
        'the same with the dashboard in the browser, live, until it is interrupted; without --replay in a folder that is removed then',
      )
      .option(
        '--interval <s>',
        'with --replay and --open: seconds between two checkpoints',
        realNumber('--interval', { min: 0, max: 3600 }),
        5,
      );
  },
  run: async (_positional, options, session) => {
    const folder = optionalText(options, 'replay');
    const intervalMs = 1000 * numberOption(options, 'interval');
    if (optionalFlag(options, 'open')) {
      const given = folder === null ? null : session.resolve(folder);
      return await showSeries(session, { folder: given, intervalMs });
    }
    if (folder !== null) {
      const store = await session.store();
      return await replaySeries(store, session, { folder: session.resolve(folder), intervalMs });
    }
    const { demo } = await import('../../jobs/index.ts');
    // Not beside `await using`: tsc 6.0.3 leaves the `.ts` of an import() there as it is.
    const { openStore } = await import('../../store/index.ts');
    if (session.storeIsGiven) {
      const report = await demo(await session.store(), session);
      return { json: report, text: () => renderDemo(report) };
    }
    const scratch = await mkdtemp(join(tmpdir(), 'sonde-demo-'));
    try {
      await using store = await openStore(join(scratch, '.sonde'));
      const report = await demo(store, session);
      return { json: report, text: () => renderDemo(report) };
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  },
};

/** The replay with the dashboard beside it, which stays until the person ends it. */
async function showSeries(
  session: CliSession,
  { folder, intervalMs }: { readonly folder: string | null; readonly intervalMs: number },
): Promise<CommandOutput> {
  const { openStore } = await import('../../store/index.ts');
  const scratch = folder === null ? await mkdtemp(join(tmpdir(), 'sonde-demo-')) : null;
  const place = folder ?? scratch ?? '.';
  const isOwn = !session.storeIsGiven && scratch !== null;
  try {
    await using store = await openStore(isOwn ? join(place, '.sonde') : session.storeDir);
    await mkdir(place, { recursive: true });
    await using dashboard = await startDashboard(store.dir, place);
    session.note(`dashboard on ${dashboard.url} (store ${store.dir}); Ctrl-C ends it`);
    openBrowser(dashboard.url);
    const output = await replaySeries(store, session, { folder: place, intervalMs });
    session.note('that was the whole series; the dashboard stays until Ctrl-C');
    if (!session.signal.aborted) await once(session.signal, 'abort');
    return output;
  } finally {
    if (scratch !== null) await rm(scratch, { recursive: true, force: true });
  }
}

async function replaySeries(
  store: Store,
  session: CliSession,
  options: { readonly folder: string; readonly intervalMs: number },
): Promise<CommandOutput> {
  const { replay } = await import('../../watch/index.ts');
  const { createProcessRunner } = await import('../../runner/index.ts');
  const { note, progress } = session;
  const cwd = options.folder;
  await mkdir(cwd, { recursive: true });
  const runner = createProcessRunner(store, { cwd, note: () => undefined, progress });
  try {
    const report = await replay(
      store,
      {
        ...{ ...options, runner },
        onLook: (look) => {
          for (const line of renderLook(look)) note(line);
        },
      },
      // How the bundled outcomes are joined is no news to anybody.
      { ...session, note: () => undefined },
    );
    return { json: report, text: () => renderWatch(report) };
  } finally {
    await runner[Symbol.asyncDispose]();
  }
}
