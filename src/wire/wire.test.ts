import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  acknowledgementSchema,
  type Alert,
  alertSchema,
  apiRoot,
  errorSchema,
  eventSchema,
  routes,
} from './index.ts';

const alert: Alert = {
  schemaVersion: 1,
  id: 'drop-1',
  kind: 'drop',
  run: 'olmo',
  checkpoint: 'olmo/step20',
  suite: 'tiny',
  probe: 'watch',
  task: 'add',
  message: 'add fell by 12.0 points',
  value: 0.3,
  reference: 0.42,
  threshold: 0.05,
  openedAt: '2026-11-28T10:00:00.000Z',
  lastSeenAt: '2026-11-28T10:00:00.000Z',
  closedAt: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
  notified: ['slack'],
};

test('every route has a path of its own, and schemas that JSON Schema can say', () => {
  const places = routes.map(({ method, path }) => `${method} ${apiRoot}${path}`);
  expect(new Set(places).size).toBe(places.length);
  for (const { path, query, body, answer } of routes) {
    for (const schema of [query, answer, ...(body === null ? [] : [body])]) {
      const io = schema === query ? 'input' : 'output';
      expect(z.toJSONSchema(schema, { io }), path).toHaveProperty('$schema');
    }
  }
});

test('whole numbers in queries are texts within bounds', () => {
  const runs = routes.find(({ path }) => path === '/runs');
  expect(runs?.query.parse({ limit: '7' })).toEqual({ limit: 7 });
  for (const limit of ['0', '1001', '1e2', '-1', ' 5', '']) {
    expect(runs?.query.safeParse({ limit }).success, limit).toBe(false);
  }
  expect(runs?.query.safeParse({ limt: '7' }).success).toBe(false);
});

test('alerts, acknowledgements, events and errors hold what they should and nothing else', () => {
  expect(alertSchema.parse(alert)).toEqual(alert);
  expect(alertSchema.safeParse({ ...alert, kind: 'flood' }).success).toBe(false);
  expect(alertSchema.safeParse({ ...alert, openedAt: 'yesterday' }).success).toBe(false);
  expect(eventSchema.parse({ event: 'alert', data: alert })).toEqual({
    event: 'alert',
    data: alert,
  });
  expect(acknowledgementSchema.parse({ by: ' Ada ' })).toEqual({ by: 'Ada' });
  expect(acknowledgementSchema.safeParse({ by: ' ' }).success).toBe(false);
  const error = { error: { code: 'not-found', message: 'no such run' } };
  expect(errorSchema.parse(error)).toEqual(error);
  expect(errorSchema.safeParse({ ...error, stack: 'x' }).success).toBe(false);
});
