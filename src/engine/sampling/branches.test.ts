import { describe, expect, test } from 'vitest';
import { Branches } from './branches.ts';

/** Ids are characters; 0 ends the text; 127 is a row of the table beyond the vocabulary. */
const tokenizer = {
  decode: (ids: ArrayLike<number>) => String.fromCharCode(...Array.from(ids)),
  vocabularySize: 127,
  eosTokenIds: [0],
};
const greedy = { samples: 2, temperature: 0, topP: 1, seed: 0 };

function logitsFor(token: number): Float32Array {
  const logits = new Float32Array(128);
  logits[token] = 5;
  logits[127] = 9;
  return logits;
}

function write(text: string, options: { maxTokens: number; stop: string[] }) {
  const prompt = { id: 'q', ids: Int32Array.of(1), ...options };
  const branches = new Branches([prompt], greedy, tokenizer);
  let live = branches.roots();
  for (const character of text) {
    live = live.flatMap((branch) => branches.grow(branch, logitsFor(character.charCodeAt(0))));
    if (live.length === 0) break;
  }
  return { live: live.length, answers: branches.answers() };
}

describe('Branches', () => {
  test('end at the stop string, which may span tokens, and cut it', () => {
    expect(write('12##34', { maxTokens: 9, stop: ['\n', '##'] })).toEqual({
      live: 0,
      answers: [{ id: 'q', answers: ['12', '12'], tokens: [4, 4] }],
    });
  });

  test('end at the end of text, which is no part of the answer', () => {
    expect(write('ab\0cd', { maxTokens: 9, stop: [] })).toEqual({
      live: 0,
      answers: [{ id: 'q', answers: ['ab', 'ab'], tokens: [3, 3] }],
    });
  });

  test('end after the most tokens', () => {
    expect(write('abcdef', { maxTokens: 3, stop: [] })).toEqual({
      live: 0,
      answers: [{ id: 'q', answers: ['abc', 'abc'], tokens: [3, 3] }],
    });
  });

  test('a stop string far into a long answer is found', () => {
    const { answers } = write(`${'x'.repeat(200)}END${'y'.repeat(9)}`, {
      maxTokens: 400,
      stop: ['END'],
    });
    expect(answers[0]!.answers[0]).toBe('x'.repeat(200));
  });

  test('samples part where they draw apart, and keep their own draws', () => {
    const options = { samples: 50, temperature: 1, topP: 1, seed: 3 };
    const prompts = ['a', 'b'].map((id) => ({ id, ids: Int32Array.of(1), maxTokens: 1, stop: [] }));
    const logits = new Float32Array(128).fill(-1e9);
    logits.set([0, 0], 65);
    const both = new Branches(prompts, options, tokenizer);
    for (const root of both.roots()) both.grow(root, logits);
    const [a, b] = both.answers();
    const alone = new Branches([prompts[1]!], { ...options, samples: 20 }, tokenizer);
    for (const root of alone.roots()) alone.grow(root, logits);
    expect(alone.answers()[0]!.answers).toEqual(b!.answers.slice(0, 20));
    expect(new Set(a!.answers)).toEqual(new Set(['A', 'B']));
    expect(a!.answers).not.toEqual(b!.answers);
  });
});
