import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { faultOfReply, parseRetryAfter } from './server-fault.ts';

describe('parseRetryAfter', () => {
  const now = Date.UTC(2026, 0, 1);

  test.each([
    ['2', 2000],
    ['0.5', 500],
    ['Thu, 01 Jan 2026 00:00:07 GMT', 7000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['-3', 0],
    ['', null],
    ['soon', null],
    [null, null],
  ])('%j is %j ms', (value, ms) => {
    expect(parseRetryAfter(value, now)).toBe(ms);
  });

  test('is never negative, whatever stands there', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const ms = parseRetryAfter(value, now);
        expect(ms === null || (Number.isFinite(ms) && ms >= 0)).toBe(true);
      }),
    );
  });
});

test('any body of an error becomes one short line', () => {
  const about = { status: 400, statusText: 'Bad Request', retryAfter: null };
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (body) => {
      const { message } = faultOfReply({ ...about, body });
      expect(message).toMatch(/^answered 400 Bad Request/);
      expect(message.length).toBeLessThan(340);
      expect(message).not.toMatch(/[\n\r\t]/);
    }),
  );
});

test.each([
  ['{"error": {"message": "a", "code": 3}}', 'a'],
  ['{"error": "b"}', 'b'],
  ['{"detail": [{"msg": "c"}]}', '{"detail": [{"msg": "c"}]}'],
  ['{"message": "d"}', 'd'],
  ['plain', 'plain'],
])('%s says %s', (body, said) => {
  const fault = faultOfReply({ status: 400, statusText: 'Bad Request', retryAfter: null, body });
  expect(fault.message).toBe(`answered 400 Bad Request: ${said}`);
});
