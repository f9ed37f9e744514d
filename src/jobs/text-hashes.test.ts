import { describe, expect, test } from 'vitest';
import type { Item } from '../suite/index.ts';
import { textHashes } from './text-hashes.ts';

const item = (changes: Partial<Item>): Item => ({
  task: 't',
  id: 'q',
  prompt: null,
  messages: null,
  target: [],
  choices: null,
  group: null,
  meta: {},
  ...changes,
});

describe('textHashes', () => {
  test('one for each rendering, whatever id, task and target are', () => {
    const messages = [{ role: 'user', content: '2 + 2 =' }];
    const both = textHashes(item({ prompt: '2 + 2 =', messages }));
    expect(both).toEqual([
      expect.stringMatching(/^[0-9a-f]{12}$/),
      expect.stringMatching(/^[0-9a-f]{12}$/),
    ]);
    expect(both[0]).not.toBe(both[1]);
    expect(textHashes(item({ id: 'other', task: 'u', target: ['4'], messages }))).toEqual([
      both[1],
    ]);
    expect(textHashes(item({ prompt: '2 + 2 =' }))).toEqual([both[0]]);
  });

  test('the same for another Unicode form and other white space, another for other words', () => {
    const hash = (prompt: string): string[] => textHashes(item({ prompt }));
    expect(hash(' na\u00efve  question\r\nA: ')).toEqual(hash('nai\u0308ve question\nA:'));
    expect(hash('add 1 2')).not.toEqual(hash('add 1 3'));
    expect(hash('add 1 2')).not.toEqual(hash('Add 1 2'));
  });

  test('a role is part of what is asked', () => {
    const hash = (role: string): string[] =>
      textHashes(item({ messages: [{ role, content: 'hello' }] }));
    expect(hash('user')).not.toEqual(hash('system'));
  });
});
