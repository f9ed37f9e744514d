import { expect, test } from 'vitest';
import { shortNames } from './short-names.ts';

const at = (
  checkpoint: string,
  step: number | null,
  stage: 'pretrain' | 'sft' | null = null,
): Parameters<typeof shortNames>[0][number] => ({ checkpoint, step, stage });

test('checkpoints are named by step, with the stage where there are several', () => {
  expect(shortNames([at('r/a', 10), at('r/b', 20)])).toEqual(['10', '20']);
  expect(shortNames([at('r/a', 10, 'pretrain'), at('r/b', 10, 'sft'), at('r/c', 5)])).toEqual([
    'pretrain 10',
    'sft 10',
    '5',
  ]);
});

test('without a step by their names, or where these are long by their places', () => {
  const long = 'r/Llama-3.1-8B-Instruct-final';
  expect(shortNames([at('r/last', null), at(long, null), at('base', null)])).toEqual([
    'last',
    '2',
    'base',
  ]);
});
