import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hashSuite, hashSuiteContent, promptSha256 } from './identity.ts';
import type { Item, Task } from './types.ts';

const item: Item = {
  task: 't',
  id: 'a',
  prompt: 'ü?',
  messages: [{ role: 'user', content: 'ü?' }],
  target: ['1'],
  choices: null,
  group: null,
  meta: {},
};
const task: Task = {
  name: 't',
  chance: 0,
  maxTokens: 1,
  stop: [],
  grader: { type: 'exact' },
  filter: null,
};
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('promptSha256', () => {
  test('is the hash of what is asked in each rendering', () => {
    expect(promptSha256(item, 'prompt')).toBe(sha('ü?'));
    expect(promptSha256(item, 'messages')).toBe(sha('[{"role":"user","content":"ü?"}]'));
    const reordered = { ...item, messages: [{ content: 'ü?', role: 'user' }] };
    expect(promptSha256(reordered, 'messages')).toBe(promptSha256(item, 'messages'));
  });

  test('refuses a rendering that the item lacks', () => {
    expect(() => promptSha256({ ...item, messages: null }, 'messages')).toThrow(
      '`suite`: expected item `a` to have `messages`, it has none',
    );
  });
});

describe('hashSuite', () => {
  const other: Item = { ...item, id: 'b' };

  test('changes with what is asked and with the order', () => {
    const hash = hashSuite([item, other]);
    expect(hashSuite([other, item])).not.toBe(hash);
    expect(hashSuite([{ ...item, prompt: 'u?' }, other])).not.toBe(hash);
    expect(hashSuite([{ ...item, messages: null }, other])).not.toBe(hash);
    expect(hashSuite([item])).not.toBe(hash);
  });

  test('does not change with how answers are graded, hashSuiteContent does', () => {
    const suite = { name: 's', version: '1', tasks: new Map([['t', task]]), items: [item, other] };
    const items = [{ ...item, target: ['2'] }, other];
    expect(hashSuite(items)).toBe(hashSuite(suite.items));
    expect(hashSuiteContent({ ...suite, items })).not.toBe(hashSuiteContent(suite));
    expect(hashSuiteContent({ ...suite, version: '2' })).not.toBe(hashSuiteContent(suite));
    expect(hashSuiteContent({ ...suite, items: [...suite.items] })).toBe(hashSuiteContent(suite));
  });
});
