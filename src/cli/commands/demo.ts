import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandDefinition, CommandOutput } from '../command.ts';
import { realNumber } from '../option-parsers.ts';
import { numberOption, optionalText } from '../options.ts';
import { renderDemo } from '../render/demo.ts';
import { renderLook, renderWatch } from '../render/watch-tables.ts';
import type { CliSession } from '../session.ts';

export const demoCommand: CommandDefinition = {
  usage: 'demo',
  summary: 'the whole of it on a bundled series of checkpoints, in about a minute',
  configure: (command) => {
    command
      .option(
        '--replay <dir>',
        'as if it were being trained: checkpoints appear one by one in this folder, watched',
      )
      .option(
        '--interval <s>',
        'with --replay: seconds between two checkpoints',
        realNumber('--interval', { min: 0, max: 3600 }),
        5,
      );
  },
  run: async (_positional, options, session) => {
    const folder = optionalText(options, 'replay');
    if (folder !== null) {
      const intervalMs = 1000 * numberOption(options, 'interval');
      return await replaySeries(session, { folder: session.resolve(folder), intervalMs });
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

async function replaySeries(
  session: CliSession,
  options: { readonly folder: string; readonly intervalMs: number },
): Promise<CommandOutput> {
  const { replay } = await import('../../watch/index.ts');
  const { createProcessRunner } = await import('../../runner/index.ts');
  const { note, progress } = session;
  const store = await session.store();
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
