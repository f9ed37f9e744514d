import { describe, expect, it } from 'vitest';
import type { Item, Suite } from '../suite/index.ts';
import { measurePrompts, renderOf } from './prompts.ts';

function item(id: string, task: string, messages: Item['messages'] = null): Item {
  return { id, task, prompt: id, messages, target: [], choices: null, group: null, meta: {} };
}

function suiteOf(items: Item[]): Suite {
  return { name: 's', version: '1', tasks: new Map(), items, hash: '', dir: null };
}

describe('measurePrompts', () => {
  it('takes off what all prompts of a task share in front', () => {
    const suite = suiteOf([item('a', 'x'), item('b', 'y'), item('c', 'x')]);
    const prompts = [
      { id: 'a', ids: Int32Array.of(1, 2, 3, 4) },
      { id: 'b', ids: Int32Array.of(1, 2) },
      { id: 'c', ids: Int32Array.of(1, 2, 9) },
    ];
    expect(measurePrompts(suite, prompts)).toEqual({ prompt: [4, 2, 3], suffix: [2, 0, 1] });
  });
});

describe('renderOf', () => {
  it('falls back to the prompt only where the rendering was left to us', () => {
    expect(renderOf(item('a', 'x'), 'messages', 'auto')).toBe('prompt');
    expect(renderOf(item('a', 'x'), 'messages', 'messages')).toBe('messages');
    const asked = item('b', 'x', [{ role: 'user', content: 'hi' }]);
    expect(renderOf(asked, 'messages', 'auto')).toBe('messages');
  });
});
