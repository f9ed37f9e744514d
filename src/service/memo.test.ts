import { expect, test } from 'vitest';
import { createMemo } from './memo.ts';

function counting(): { readonly make: (text: string) => () => Promise<string>; made: string[] } {
  const made: string[] = [];
  const make = (text: string) => () => {
    made.push(text);
    return Promise.resolve(text);
  };
  return { make, made };
}

test('a value is made once a version, however many ask at a time', async () => {
  const { make, made } = counting();
  const memo = createMemo<string>({ sizeOf: ({ length }) => length, most: 10 });
  const ask = (version: string): Promise<string> => memo.get('k', version, make(version));
  expect(await Promise.all([ask('1'), ask('1'), ask('1')])).toEqual(['1', '1', '1']);
  expect([await ask('1'), await ask('2'), await ask('2'), made]).toEqual([
    '1',
    '2',
    '2',
    ['1', '2'],
  ]);
});

test('what was not asked for longest goes first, and one that is too large alone is kept', async () => {
  const { make, made } = counting();
  const memo = createMemo<string>({ sizeOf: ({ length }) => length, most: 4 });
  const ask = (text: string): Promise<string> => memo.get(text, '', make(text));
  for (const text of ['aa', 'bb', 'aa', 'cc', 'aa', 'bb']) await ask(text);
  expect(made).toEqual(['aa', 'bb', 'cc', 'bb']);
  await ask('enormous');
  await ask('enormous');
  expect(made.slice(4)).toEqual(['enormous']);
});

test('a value that could not be made is made again', async () => {
  const memo = createMemo<string>({ sizeOf: () => 1, most: 1 });
  const failing = (): Promise<string> => Promise.reject(new Error('no'));
  await expect(memo.get('k', '', failing)).rejects.toThrow('no');
  expect(await memo.get('k', '', () => Promise.resolve('yes'))).toBe('yes');
});
