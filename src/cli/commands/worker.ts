import { UserError } from '../../error/index.ts';
import type { CommandDefinition } from '../command.ts';
import { realNumber, wholeNumber } from '../option-parsers.ts';
import { numberOption, optionalNumber } from '../options.ts';
import { addRedisOption, readRedis, redisName } from './redis-option.ts';

export const workerCommand: CommandDefinition = {
  usage: 'worker',
  summary: 'does the steps of watch --redis on this machine, over the same store',
  configure: (command) => {
    addRedisOption(command, 'the queue: redis://HOST:PORT')
      .option(
        '--concurrency <n>',
        'processes at a time; each runs a model on its share of the cores (default: 1)',
        wholeNumber('--concurrency', { min: 1, max: 64 }),
      )
      .option(
        '--lock <s>',
        'seconds without a sign of life until its steps go to another worker',
        realNumber('--lock', { min: 1, max: 3600 }),
        30,
      );
  },
  run: async (_positional, options, session) => {
    const url = readRedis(options, session);
    if (url === null) {
      throw new UserError(`${redisName}: expected the queue, redis://HOST:PORT, got none`);
    }
    const { createProcessRunner, queueTiming, runWorker } = await import('../../runner/index.ts');
    const { cwd, note, progress, signal } = session;
    const store = await session.store();
    const concurrency = optionalNumber(options, 'concurrency') ?? 1;
    const runner = createProcessRunner(store, { cwd, note, progress, concurrency });
    try {
      const timing = queueTiming(numberOption(options, 'lock'));
      const report = await runWorker(store, runner, { url, note, signal, timing });
      const { done, failed } = report;
      return { json: report, text: () => `${done} steps done, ${failed} of them failed` };
    } finally {
      await runner[Symbol.asyncDispose]();
    }
  },
};
