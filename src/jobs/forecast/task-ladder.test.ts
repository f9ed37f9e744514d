import { describe, expect, test } from 'vitest';
import type { Across, OutcomeRecord } from '../../outcomes/index.ts';
import { record } from '../../outcomes/testing/record.ts';
import type { ComputedCheckpoint } from './ladder-models.ts';
import { createOutcomeTable, type TaskOutcomes } from './outcome-table.ts';
import { buildTaskLadder, type TaskLadderResult } from './task-ladder.ts';

const nothing = {
  ...{ run: null, family: null, stage: null, step: null, tokens: null },
  ...{ params: null, paramsNonEmbedding: null, flops: null },
};
const models: ComputedCheckpoint[] = ['a', 'b', 'c', 'd', 'e'].map((id, index) => ({
  id,
  facts: nothing,
  flops: 10 ** (18 + index),
}));

function taskOf(records: readonly OutcomeRecord[]): TaskOutcomes {
  const table = createOutcomeTable('s');
  for (const one of records) table.add(one);
  const task = table.build().tasks.get('t');
  if (task === undefined) throw new Error('no task');
  return task;
}

const build = (...records: OutcomeRecord[]): TaskLadderResult =>
  buildTaskLadder(taskOf(records), models, { chance: null, across: [] });

/** Two items at every model. */
const items = (changes: Partial<OutcomeRecord> = {}, ids = ['j', 'i']): OutcomeRecord[] =>
  models.flatMap(({ id }, index) =>
    ids.map((item) => record({ checkpoint: id, item, k: index, n: 4, ...changes })),
  );

describe('results per item', () => {
  test('become rates in the order of compute, items by id', () => {
    const { ladder, exclusions, problem } = build(...items());
    expect({ exclusions, problem }).toEqual({ exclusions: [], problem: null });
    expect([...ladder!.accuracy]).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(ladder!.items!.ids).toEqual(['i', 'j']);
    expect([...ladder!.items!.right]).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
    expect(ladder!.variance!.every((value) => value > 0)).toBe(true);
    expect(ladder!.models.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('that some model lacks are left out, each model named with its number', () => {
    const all = items({}, ['i', 'j', 'l']);
    const { ladder, exclusions } = build(
      ...all.filter(({ item, checkpoint }) => !(item === 'j' && checkpoint === 'b')),
    );
    expect(ladder!.items!.ids).toEqual(['i', 'l']);
    expect(exclusions).toEqual([
      {
        task: 't',
        checkpoint: 'b',
        items: 1,
        reason: 'no outcome at this model that others have',
      },
    ]);
  });

  test('of different items at each model are no benchmark', () => {
    const all = models.map(({ id }) => record({ checkpoint: id, item: id }));
    const { ladder, exclusions } = build(...all);
    expect(ladder).toBeNull();
    expect(exclusions.at(-1)!.reason).toBe('no item has outcomes at every model of the ladder');
  });

  test('asked in other words at one model are left out', () => {
    const hash = (digit: string): string => digit.repeat(64);
    const all = items({ promptSha256: hash('a') }).map((one) =>
      one.item === 'i' && one.checkpoint === 'c' ? { ...one, promptSha256: hash('b') } : one,
    );
    const { ladder, exclusions } = build(...all);
    expect(ladder!.items!.ids).toEqual(['j']);
    expect(ladder!.part.prompts).toEqual(['a'.repeat(16)]);
    expect(exclusions).toMatchObject([{ checkpoint: null, items: 1 }]);
    expect(exclusions[0]!.reason).toContain('prompt_sha256 differs');
  });

  test('twice for one item are the user’s to decide', () => {
    const again = record({ checkpoint: 'c', item: 'i', k: 1, n: 4, render: 'messages' });
    expect(build(...items(), again).problem).toContain(
      'item `i` of task `t` at `c`: expected one outcome, found two',
    );
  });

  test('that are scores have no binomial variance', () => {
    const { ladder } = build(...items({ kind: 'score', k: 0.5, n: 10 }));
    expect([...ladder!.accuracy]).toEqual([0.5, 0.5, 0.5, 0.5, 0.5]);
    expect(ladder!.variance).toBeNull();
  });
});

describe('a model that differs from the rest', () => {
  const changed = (changes: Partial<OutcomeRecord>): OutcomeRecord[] =>
    items().map((one) => (one.checkpoint === 'd' ? { ...one, ...changes } : one));

  test.each([
    {
      usual: { filter: 'strict' },
      other: { filter: 'flexible' },
      found: 'filter at every model of the ladder, found `strict` at `a` and `flexible` at `d`',
    },
    {
      usual: { temperature: 1 },
      other: { temperature: 0 },
      found: 'temperature at every model of the ladder, found `1` at `a` and `0` at `d`',
    },
    {
      usual: { topP: 0.7 },
      other: { topP: 1 },
      found: 'top-p at every model of the ladder, found `0.7` at `a` and `1` at `d`',
    },
    {
      usual: { render: 'prompt' },
      other: { render: 'messages' },
      found: 'rendering at every model of the ladder, found `prompt` at `a` and `messages` at `d`',
    },
    {
      usual: {},
      other: { kind: 'score', k: 0.5 } as const,
      found: 'kind at every model of the ladder, found `count` at `a` and `score` at `d`',
    },
  ])('is refused with both named: $other', ({ usual, other, found }) => {
    const all = items(usual).map((one) => (one.checkpoint === 'd' ? { ...one, ...other } : one));
    const { ladder, problem } = build(...all);
    expect(ladder).toBeNull();
    expect(problem).toContain(`task \`t\`: expected the same ${found}`);
  });

  test('by what it does not tell agrees', () => {
    expect(build(...items({ temperature: 1 }), ...[]).problem).toBeNull();
    expect(build(...changed({ temperature: null, filter: 'strict' })).problem).toBeNull();
    expect(build(...changed({ render: 'messages' })).problem).toBeNull();
    // Items without a chat form are asked with their prompt at every model alike.
    const mixed = items({ render: 'messages' }).map((one) =>
      one.item === 'i' ? { ...one, render: 'prompt' } : one,
    );
    const { ladder, problem } = build(...mixed);
    expect(problem).toBeNull();
    expect(ladder!.part.measurement.render).toBe('messages and prompt');
  });

  test('has two filters at once', () => {
    const both = [...items({ filter: 'strict' }), ...items({ filter: 'flexible' }).slice(0, 2)];
    expect(build(...both).problem).toBe(
      'task `t` at `a`: expected outcomes of one filter, found `strict` and `flexible`: choose one that every model has with --filter',
    );
  });
});

describe('results of whole tasks', () => {
  const whole = (changes: Partial<OutcomeRecord> = {}): OutcomeRecord[] =>
    models.map(({ id }, index) =>
      record({ checkpoint: id, item: null, k: 20 * index, n: 100, ...changes }),
    );

  test('are shares with their sampling variance, at Jeffreys’ rate', () => {
    const { ladder } = build(...whole());
    expect([...ladder!.accuracy]).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
    expect(ladder!.items).toBeNull();
    const share = 0.5 / 101;
    expect(ladder!.variance![0]).toBeCloseTo((share * (1 - share)) / 100, 12);
  });

  test('stand in where fewer than four models have items', () => {
    const { ladder } = build(...items().filter(({ checkpoint }) => checkpoint < 'c'), ...whole());
    expect(ladder!.items).toBeNull();
    expect(ladder!.models).toHaveLength(5);
  });

  test('of one model are left out beside items of the others', () => {
    const others = items().filter(({ checkpoint }) => checkpoint !== 'e');
    const { ladder, exclusions } = build(...others, ...whole().slice(4));
    expect(ladder!.models).toHaveLength(4);
    expect(exclusions).toMatchObject([
      {
        checkpoint: 'e',
        reason: 'only a result of the whole task, the others have outcomes per item',
      },
    ]);
  });

  test('carry the loss where all have it in one unit', () => {
    const lossOf = (unit: (id: string) => string): Float64Array | null =>
      build(
        ...whole().map((one, i) => ({ ...one, loss: 3 - i / 2, lossUnit: unit(one.checkpoint) })),
      ).ladder!.loss;
    expect([...lossOf(() => 'nats')!]).toEqual([3, 2.5, 2, 1.5, 1]);
    expect(lossOf((id) => (id === 'a' ? 'bits per byte' : 'nats'))).toBeNull();
    expect(build(...whole()).ladder!.loss).toBeNull();
  });

  test('missing at a model leave it out', () => {
    const { ladder, exclusions } = build(...whole().slice(1));
    expect(ladder!.models.map(({ id }) => id)).toEqual(['b', 'c', 'd', 'e']);
    expect(exclusions).toEqual([
      { task: 't', checkpoint: 'a', items: 0, reason: 'no outcome of the task' },
    ]);
  });

  test('that contradict each other on chance, or say it is 1, are refused', () => {
    const two = whole().map((one, i) => ({ ...one, chance: i === 2 ? 0.5 : 0.25 }));
    expect(build(...two).problem).toContain('its outcomes say 0.25 at `a` and 0.5 at `c`');
    expect(build(...whole({ chance: 1 })).problem).toContain('below 1, found 1');
    expect(build(...whole({ chance: 0.25 })).ladder!.chance).toBe(0.25);
    expect(build(...whole()).ladder!.chance).toBeNull();
  });
});

describe('questions that differ beyond their words', () => {
  const at = (checkpoint: string, changes: Partial<OutcomeRecord>): OutcomeRecord[] =>
    items().map((one) =>
      one.checkpoint === checkpoint && (changes.documentHash === undefined || one.item === 'i')
        ? { ...one, fewShot: 0, ...changes }
        : { ...one, fewShot: 0, documentHash: 'one' },
    );
  const built = (records: readonly OutcomeRecord[], ...across: Across[]): TaskLadderResult =>
    buildTaskLadder(taskOf(records), models, { chance: null, across });

  test('other documents are left out with both values, unless allowed', () => {
    const records = at('c', { documentHash: 'other' });
    const { ladder, exclusions } = built(records);
    expect(ladder!.items!.ids).toEqual(['j']);
    expect(ladder!.part.documents).toEqual(['one']);
    expect(exclusions).toEqual([
      {
        ...{ task: 't', checkpoint: null, items: 1 },
        reason: 'asked about another document at some models (document_hash differs)',
        first: { item: 'i', across: 'document', values: ['one', 'other'] },
      },
    ]);
    expect(built(records, 'document').ladder!.items!.ids).toEqual(['i', 'j']);
    expect(built(records, 'document').ladder!.part.across).toEqual(['document']);
  });

  test('another few-shot count is refused, unless allowed; other words go with it', () => {
    const records = at('c', { fewShot: 5, promptSha256: 'bb' });
    expect(built(records).problem).toBe(
      'task `t`: expected the same few-shot count at every model of the ladder, found `0` at `a` and `5` at `c`: choose one that every model has with --few-shot, allow it with --across few-shot, or leave the task out with --tasks',
    );
    expect(built(records, 'few-shot').ladder!.items!.ids).toEqual(['i', 'j']);
    expect(built(records, 'chat-template').problem).toContain('few-shot count');
  });
});
