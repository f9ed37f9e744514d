import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandDefinition } from '../command.ts';
import { renderDemo } from '../render/demo.ts';

export const demoCommand: CommandDefinition = {
  usage: 'demo',
  summary: 'the whole of it on a bundled series of checkpoints, in about a minute',
  configure: () => undefined,
  run: async (_positional, _options, session) => {
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
