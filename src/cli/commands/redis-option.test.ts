import { expect, test } from 'vitest';
import { readRedis } from './redis-option.ts';

test('the queue is the option’s, else the environment’s; an empty variable is none', () => {
  const env = { SONDE_REDIS: 'redis://:secret@env' };
  expect([
    readRedis({ redis: 'redis://option' }, { env }),
    readRedis({}, { env }),
    readRedis({}, { env: { SONDE_REDIS: '' } }),
    readRedis({}, { env: {} }),
  ]).toEqual(['redis://option', 'redis://:secret@env', null, null]);
});
