import { describe, expect, test } from 'vitest';
import { hashSuite, type Item, promptSha256, type Suite } from '../suite/index.ts';
import { describeJoin, joinOutcomes } from './join.ts';
import type { OutcomeRecord } from './record.ts';
import { record } from './testing/record.ts';

const item = (id: string): Item => ({
  task: 't',
  id,
  prompt: `${id}?`,
  messages: [{ role: 'user', content: id }],
  target: ['1'],
  choices: null,
  group: null,
  meta: {},
});
const items = [item('a'), item('b')];
const task = {
  name: 't',
  chance: 0,
  maxTokens: 1,
  stop: [],
  grader: { type: 'exact' as const },
  filter: null,
};
const suite: Suite = {
  name: 's',
  version: '1',
  tasks: new Map([['t', task]]),
  items,
  hash: hashSuite(items),
  dir: null,
};
const a = item('a');
const asked = promptSha256(a, 'prompt');

function join(records: readonly Partial<OutcomeRecord>[]): ReturnType<typeof joinOutcomes> {
  return joinOutcomes(
    suite,
    records.map((changes) => record({ item: 'a', ...changes })),
    'prompt',
  );
}

describe('joinOutcomes', () => {
  test('joins by suite name and item id where there is no hash, by hash where there is one', () => {
    const byName = record({ item: 'a' });
    const byHash = record({
      item: 'b',
      suite: 'renamed',
      promptSha256: promptSha256(item('b'), 'prompt'),
    });
    expect(joinOutcomes(suite, [byName, byHash], 'prompt')).toEqual({
      byCheckpoint: new Map([
        [
          'run/step1',
          new Map([
            ['a', byName],
            ['b', byHash],
          ]),
        ],
      ]),
      joinedByName: 1,
      joinedByHash: 1,
      acrossRenderings: 0,
      acrossPrompts: 0,
      taskLevel: 0,
      refused: [],
    });
  });

  test('leaves out, with the reason, what is about another question', () => {
    const result = join([
      { promptSha256: 'f'.repeat(64) },
      { suite: 'other' },
      { item: 'z' },
      { task: 'u' },
      { item: null },
    ]);
    expect(result.refused.map(({ reason }) => reason)).toEqual([
      'changed-question',
      'other-suite',
      'unknown-item',
      'other-task',
    ]);
    expect(result.byCheckpoint).toEqual(new Map());
    expect(result.taskLevel).toBe(1);
    expect(describeJoin(result)).toEqual([
      '1 outcomes left out: they asked another question than the suite has now (first: item a at run/step1)',
      '1 outcomes left out: they are about items that the suite does not have (first: item z at run/step1)',
      '1 outcomes left out: they put the item into another task than the suite does (first: item a at run/step1)',
      '1 outcomes left out: they name another suite and carry no prompt hash (first: item a at run/step1)',
    ]);
  });

  test('joins across renderings, and says so', () => {
    const result = join([{ promptSha256: promptSha256(a, 'messages'), render: 'messages' }]);
    expect(result).toMatchObject({ joinedByHash: 1, acrossRenderings: 1 });
    expect(describeJoin(result)).toEqual([
      '1 outcomes asked in another rendering joined by item id',
    ]);
    expect(
      join([{ promptSha256: promptSha256(a, 'messages'), render: 'prompt' }]).refused,
    ).toHaveLength(1);
    expect(join([{ promptSha256: promptSha256(a, 'messages') }]).acrossRenderings).toBe(1);
  });

  test('a hash goes before a name, the rendering asked for before the other', () => {
    const hashed = { promptSha256: asked, k: 7 };
    for (const records of [
      [{}, hashed],
      [hashed, {}],
    ]) {
      const result = join(records);
      expect(result.byCheckpoint.get('run/step1')?.get('a')?.k).toBe(7);
      expect(result).toMatchObject({ joinedByHash: 1, joinedByName: 0 });
    }
    const other = { promptSha256: promptSha256(a, 'messages'), k: 8 };
    expect(join([other, {}]).byCheckpoint.get('run/step1')?.get('a')?.k).toBe(3);
  });

  test('the declared filter goes first; without one the choice is the user’s', () => {
    const records = [{ filter: 'strict' }, { filter: 'flexible', k: 9 }].map((one) =>
      record({ item: 'a', ...one }),
    );
    const declared = { ...suite, tasks: new Map([['t', { ...task, filter: 'flexible' }]]) };
    const result = joinOutcomes(declared, records, 'prompt');
    expect(result.byCheckpoint.get('run/step1')?.get('a')?.k).toBe(9);
    expect(() => joinOutcomes(suite, records, 'prompt')).toThrow(
      '`outcomes`: item `a` at `run/step1` has outcomes under the filters `strict` and `flexible`: choose one with --filter',
    );
  });

  test('of two suites with the same questions, the record that names this one goes first', () => {
    const own = { promptSha256: asked, temperature: 0, k: 7 };
    const others = { promptSha256: asked, suite: 'twin', temperature: 1, k: 8 };
    for (const records of [
      [own, others],
      [others, own],
    ]) {
      expect(join(records).byCheckpoint.get('run/step1')?.get('a')?.k).toBe(7);
    }
    expect(join([others]).byCheckpoint.get('run/step1')?.get('a')?.k).toBe(8);
    expect(() => join([others, { ...others, suite: 'third', temperature: 0 }])).toThrow(
      'has outcomes of two samplings, temperature 1, top-p null of suite twin and temperature 0, top-p null of suite third: choose one with --source, --temperature or --top-p',
    );
  });

  test('two samplings are not mixed', () => {
    expect(() => join([{ temperature: 0 }, { temperature: 1, topP: 0.7, source: 'x' }])).toThrow(
      '`outcomes`: item `a` at `run/step1` has outcomes of two samplings, temperature 0, top-p null and temperature 1, top-p 0.7 from x: choose one with --source, --temperature or --top-p',
    );
  });

  test.each([
    ['fewShot', 0, 5, 'of two few-shot counts, `0` and `5`: choose one with --few-shot'],
    [
      'chatTemplate',
      'none',
      'ab',
      'under two chat templates, `none` and `ab`: choose one with --chat-template',
    ],
    [
      'documentHash',
      'x',
      'y',
      'about two documents (document_hash), `x` and `y`: choose one with --source',
    ],
  ])('two values of %s are not mixed, both are named', (field, first, second, message) => {
    expect(() => join([{ [field]: first }, { [field]: second }])).toThrow(
      `\`outcomes\`: item \`a\` at \`run/step1\` has outcomes ${message}`,
    );
  });

  test('across prompts, other words join by item id, behind the suite’s own', () => {
    const other = record({ item: 'a', promptSha256: 'f'.repeat(64), k: 9 });
    const across = (...records: OutcomeRecord[]): ReturnType<typeof joinOutcomes> =>
      joinOutcomes(suite, records, 'prompt', ['prompt']);
    const alone = across(other);
    expect(alone).toMatchObject({ joinedByName: 1, acrossPrompts: 1, refused: [] });
    expect(describeJoin(alone)).toContain(
      '1 outcomes asked in other words joined by item id (--across)',
    );
    const both = across(other, record({ item: 'a', promptSha256: asked, k: 7 }));
    expect(both.byCheckpoint.get('run/step1')?.get('a')?.k).toBe(7);
    expect(both.acrossPrompts).toBe(0);
    expect(across({ ...other, suite: 'z' }).refused).toHaveLength(1);
  });
});
