import { describe, expect, test } from 'vitest';
import { Branches } from './branches.ts';

/** Ids are characters; 0 ends the text. */
const tokenizer = {
  decode: (ids: ArrayLike<number>) => String.fromCharCode(...Array.from(ids)),
  vocabularySize: 127,
  eosTokenIds: [0],
};
const greedy = { samples: 2, temperature: 0, topP: 1, seed: 0 };
const numbersTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

function logitsFor(token: number): Float32Array {
  const logits = new Float32Array(127);
  logits[token] = 5;
  return logits;
}

function write(text: string, options: { maxTokens: number; stop: string[] }) {
  const prompt = { id: 'q', ids: Int32Array.of(1), numbers: [0, 1], ...options };
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
      answers: [
        {
          id: 'q',
          numbers: [0, 1],
          answers: ['12', '12'],
          tokens: [4, 4],
          cost: { promptTokens: 1, completionTokens: 8 },
        },
      ],
    });
  });

  test('end at the end of text, which is no part of the answer', () => {
    expect(write('ab\0cd', { maxTokens: 9, stop: [] })).toEqual({
      live: 0,
      answers: [
        {
          id: 'q',
          numbers: [0, 1],
          answers: ['ab', 'ab'],
          tokens: [3, 3],
          cost: { promptTokens: 1, completionTokens: 6 },
        },
      ],
    });
  });

  test('end after the most tokens', () => {
    expect(write('abcdef', { maxTokens: 3, stop: [] })).toEqual({
      live: 0,
      answers: [
        {
          id: 'q',
          numbers: [0, 1],
          answers: ['abc', 'abc'],
          tokens: [3, 3],
          cost: { promptTokens: 1, completionTokens: 6 },
        },
      ],
    });
  });

  test('a stop string is found within a token and where many tokens spell it', () => {
    const pieces = ['a', 'EN', 'D and', ' more', 'é', '\u2029'];
    const spelled = {
      decode: (ids: ArrayLike<number>) => Array.from(ids, (id) => pieces[id]).join(''),
      vocabularySize: 128,
      eosTokenIds: [],
    };
    const answer = (tokens: readonly number[], stop: string): [string, number] => {
      const prompt = { id: 'q', ids: Int32Array.of(1), maxTokens: 99, stop: [stop], numbers: [0] };
      const branches = new Branches([prompt], greedy, spelled);
      let live = branches.roots();
      for (const token of tokens) {
        const logits = new Float32Array(128);
        logits[token] = 5;
        live = live.flatMap((branch) => branches.grow(branch, logits));
      }
      const [{ answers, tokens: counts } = { answers: [], tokens: [] }] = branches.answers();
      return [answers[0]!, counts[0]!];
    };
    expect(answer([0, 1, 2, 3], 'END')).toEqual(['a', 3]);
    expect(answer([0, 2, 0], 'D')).toEqual(['a', 2]);
    expect(answer([0, 4, 5, 0], 'é\u2029')).toEqual(['a', 3]);
    expect(answer([0, 1, 2, 3], ' and more')).toEqual(['aEND', 4]);
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
    const prompts = ['a', 'b'].map((id) => ({
      id,
      ids: Int32Array.of(1),
      maxTokens: 1,
      stop: [],
      numbers: numbersTo(50),
    }));
    const probabilities = new Float32Array(127);
    probabilities.set([0.5, 0.5], 65);
    const both = new Branches(prompts, options, tokenizer);
    for (const root of both.roots()) both.grow(root, probabilities);
    const [a, b] = both.answers();
    const numbers = [3, 4, 31];
    const alone = new Branches([{ ...prompts[1]!, numbers }], options, tokenizer);
    for (const root of alone.roots()) alone.grow(root, probabilities);
    expect(alone.answers()[0]!.answers).toEqual(numbers.map((number) => b!.answers[number]));
    expect(new Set(a!.answers)).toEqual(new Set(['A', 'B']));
    expect(a!.answers).not.toEqual(b!.answers);
  });
});
