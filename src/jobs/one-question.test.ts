import { describe, expect, test } from 'vitest';
import { type Across, joinOutcomes, type OutcomeRecord } from '../outcomes/index.ts';
import { record } from '../outcomes/testing/record.ts';
import { hashSuite, type Item, type Suite } from '../suite/index.ts';
import { keepSameQuestions } from './one-question.ts';
import type { ItemCounts } from './outcome-choice.ts';
import { jobContext } from './progress.ts';

const items: Item[] = ['a', 'b'].map((id) => ({
  ...{ task: 't', id, prompt: `${id}?`, messages: null, target: ['1'] },
  ...{ choices: null, group: null, meta: {} },
}));
const task = {
  ...{ name: 't', chance: 0, maxTokens: 1, stop: [], filter: null },
  grader: { type: 'exact' as const },
};
const suite: Suite = {
  ...{ name: 's', version: '1', tasks: new Map([['t', task]]) },
  ...{ items, hash: hashSuite(items), dir: null },
};

const countsAt = (checkpoint: string, parts: Partial<OutcomeRecord>): ItemCounts => ({
  k: Float64Array.from([1, 2]),
  n: Float64Array.from([4, 4]),
  join: joinOutcomes(
    suite,
    [record({ item: 'a', checkpoint, ...parts }), record({ item: 'b', checkpoint })],
    'prompt',
  ),
});

function keep(parts: readonly Partial<OutcomeRecord>[], across: readonly Across[] = []) {
  const notes: string[] = [];
  const labels = parts.map((one, index) => countsAt(`c${index}`, one));
  keepSameQuestions({ suite, labels, across }, jobContext({ note: (text) => notes.push(text) }));
  return { answers: labels.map(({ n }) => [...n]), notes };
}

describe('keepSameQuestions', () => {
  const whole = [
    [4, 4],
    [4, 4],
    [4, 4],
  ];

  test('leaves out what is about another document or answer at one checkpoint, with both values', () => {
    const parts = [{ documentHash: 'd1' }, {}, { documentHash: 'd2' }];
    expect(keep(parts)).toEqual({
      answers: [
        [0, 4],
        [0, 4],
        [0, 4],
      ],
      notes: [
        'left out: 1 item: asked about another document (document_hash differs) (first: item `a`, `d1` and `d2`; --across document joins them)',
      ],
    });
    expect(keep(parts, ['document'])).toEqual({
      answers: whole,
      notes: ['--across document: outcomes that differ in these are joined'],
    });
    expect(keep([{ targetHash: 'x' }, { targetHash: 'x' }, {}]).answers).toEqual(whole);
  });

  test('refuses a history over few-shot counts or chat templates, unless it is allowed', () => {
    const parts = [{ fewShot: 0 }, {}, { fewShot: 5 }];
    expect(() => keep(parts)).toThrow(
      '`outcomes`: task `t`: expected one few-shot count, found `0` at `c0` and `5` at `c2`: choose one that every checkpoint has with --few-shot, or allow the difference with --across few-shot',
    );
    expect(keep(parts, ['few-shot']).answers).toEqual(whole);
    expect(() => keep([{ chatTemplate: 'none' }, { chatTemplate: 'ab' }])).toThrow(
      'expected one chat template, found `none` at `c0` and `ab` at `c1`',
    );
  });
});
