import { Redis } from 'ioredis';
import { UserError } from '../error/index.ts';

/** Milliseconds for the first connection. */
const connectTimeoutMs = 5000;

/** The longest wait between two tries to reach a server that went away. */
const longestWaitMs = 5000;

/**
 * Connects to Redis. A server that goes away later is waited for, however long.
 *
 * @throws UserError where the URL is none, or nobody answers there; the message holds host and port, never a password.
 */
export async function connectRedis(url: string): Promise<Redis> {
  const place = describePlace(url);
  let isUp = false;
  const client = new Redis(url, {
    ...{ lazyConnect: true, connectTimeout: connectTimeoutMs },
    // BullMQ waits for work by commands that take as long as it does.
    maxRetriesPerRequest: null,
    retryStrategy: (tries) => (isUp ? Math.min(50 * 2 ** tries, longestWaitMs) : null),
  });
  let reason = 'no answer';
  const listen = (error: Error): void => {
    reason = error.message;
  };
  client.on('error', listen);
  try {
    await client.connect();
    await client.ping();
  } catch (cause) {
    client.disconnect();
    if (cause instanceof Error && /WRONGPASS|NOAUTH/.test(cause.message)) reason = 'wrong password';
    throw new UserError(
      `--redis or SONDE_REDIS: expected a Redis server at ${place}, found none (${reason}); start it, or correct the URL`,
      { cause },
    );
  }
  isUp = true;
  return client;
}

/** Host and port of a `redis://` or `rediss://` URL. */
function describePlace(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol !== 'redis:' && parsed?.protocol !== 'rediss:') {
    throw new UserError(
      '--redis or SONDE_REDIS: expected redis://HOST:PORT or rediss://HOST:PORT, got something else',
    );
  }
  return `${parsed.hostname}:${parsed.port === '' ? '6379' : parsed.port}`;
}
