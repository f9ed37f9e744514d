import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinEvents } from './event-stream.ts';

const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const delta = (content: string | null, index = 0): unknown => ({
  choices: [{ index, delta: content === null ? {} : { content } }],
});
const end = (index = 0): unknown => ({ choices: [{ index, delta: {}, finish_reason: 'stop' }] });

test('pieces of a chat become one reply', () => {
  const usage = { prompt_tokens: 3, completion_tokens: 5 };
  const stream = [delta(null), delta('a\nb '), delta('x', 1), delta('c'), end(1), end()].map(event);
  const last = event({ choices: [], usage });
  expect(joinEvents(`: ping\n\n${stream.join('')}${last}data: [DONE]\n\n`)).toEqual({
    choices: [
      { index: 0, text: 'a\nb c', finish_reason: 'stop', message: { content: 'a\nb c' } },
      { index: 1, text: 'x', finish_reason: 'stop', message: { content: 'x' } },
    ],
    usage,
  });
});

test.each([
  ['nothing', ''],
  ['no end', event(delta('a'))],
  ['a piece that was cut', `${event(delta('a'))}data: {"choices": [`],
  ['an error', event({ choices: 'no' })],
])('%s is no reply', (_, stream) => {
  expect(joinEvents(stream)).toBeUndefined();
});

test('any text ends', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.json(), fc.string())), (lines) => {
      expect(() => joinEvents(lines.map((line) => `data: ${line}`).join('\n'))).not.toThrow();
    }),
  );
});
