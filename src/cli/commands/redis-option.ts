import type { Command } from 'commander';
import { setting } from '../environment.ts';
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
  session: Pick<CliSession, 'env'>,
): string | null {
  return optionalText(options, 'redis') ?? setting(session, 'SONDE_REDIS');
}
