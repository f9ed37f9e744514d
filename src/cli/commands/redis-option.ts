import type { Command } from 'commander';
import { optionalText } from '../options.ts';
import type { CliSession } from '../session.ts';

/** What messages name it by. */
export const redisName = '--redis or SONDE_REDIS';

export function addRedisOption(command: Command, purpose: string): Command {
  return command.option(
    '--redis <url>',
    `${purpose} (default: SONDE_REDIS, where a password belongs: others see a command line)`,
  );
}

/** Null where there is no queue. */
export function readRedis(
  options: Record<string, unknown>,
  { env }: Pick<CliSession, 'env'>,
): string | null {
  // An empty one is none, as shells have it.
  const stated = env['SONDE_REDIS'] === '' ? null : (env['SONDE_REDIS'] ?? null);
  return optionalText(options, 'redis') ?? stated;
}
