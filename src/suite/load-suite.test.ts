import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../error/index.ts';
import { writeSuiteHeader } from './write-suite.ts';
import { loadSuite, restrictTasks } from './load-suite.ts';

const header = `name: tiny
version: 1
tasks:
  add:    { chance: 0,    maxTokens: 6, stop: ["\\n"], grader: exact }
  choice: { chance: 0.25, maxTokens: 2, stop: ["\\n"], grader: { type: regex, pattern: "([A-D])" } }
`;
const item = { task: 'add', id: 'add-0', prompt: '1+1=', target: '2' };

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'suite-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function write(yaml: string, items: readonly unknown[]): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'suite.yaml'), yaml);
  const lines = items.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  await writeFile(join(dir, 'items.jsonl'), lines.join('\n'));
}

async function message(): Promise<string> {
  const error: unknown = await loadSuite(dir).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message;
}

describe('loadSuite', () => {
  test('reads tasks and items, with defaults', async () => {
    const messages = [{ role: 'user', content: 'which?' }];
    await write(header, [
      item,
      '',
      {
        task: 'choice',
        id: 'c',
        messages,
        target: ['A', 'B'],
        choices: ['x', 'y'],
        group: 'g',
        meta: { l: 1 },
      },
      { task: 'add', id: 'read', prompt: 'p', target: '' },
    ]);
    const suite = await loadSuite(dir);
    expect({ ...suite, tasks: [...suite.tasks.values()] }).toEqual({
      name: 'tiny',
      version: '1',
      dir,
      hash: '4daa9bf768c251064ea96f3fcc8870a4ef9cd8cc11984cb9ca9c54994ff9a524',
      tasks: [
        {
          name: 'add',
          chance: 0,
          maxTokens: 6,
          stop: ['\n'],
          grader: { type: 'exact' },
          filter: null,
        },
        {
          name: 'choice',
          chance: 0.25,
          maxTokens: 2,
          stop: ['\n'],
          grader: { type: 'regex', pattern: '([A-D])', flags: '' },
          filter: null,
        },
      ],
      items: [
        { ...item, target: ['2'], messages: null, choices: null, group: null, meta: {} },
        {
          task: 'choice',
          id: 'c',
          prompt: null,
          messages,
          target: ['A', 'B'],
          choices: ['x', 'y'],
          group: 'g',
          meta: { l: 1 },
        },
        {
          ...item,
          id: 'read',
          prompt: 'p',
          target: [],
          messages: null,
          choices: null,
          group: null,
          meta: {},
        },
      ],
    });
  });

  test('takes any names, those of what objects inherit too', async () => {
    for (const name of ['__proto__', 'constructor']) {
      await write(header.replace('  add:', `  ${name}:`), [{ ...item, task: name, id: name }]);
      const suite = await loadSuite(dir);
      expect([...suite.tasks.keys()]).toEqual([name, 'choice']);
      await writeSuiteHeader(dir, suite);
      expect(await loadSuite(dir)).toEqual(suite);
    }
  });

  test.each([
    [
      'chance: 0, ',
      'chance: 1.5, ',
      'expected `tasks.add.chance` to be a number from 0 to 1, got 1.5',
    ],
    [
      'maxTokens: 6',
      'maxTokens: 0',
      'expected `tasks.add.maxTokens` to be a whole number of at least 1, got 0',
    ],
    [
      'exact',
      'exakt',
      'expected `tasks.add.grader.type` to be one of exact, normalized, number, math, regex (with a pattern), choice, loglikelihood, got "exakt"',
    ],
    [
      '([A-D])',
      '([A-D]',
      'expected `tasks.choice.grader.pattern` to be a regular expression that JavaScript compiles, got "([A-D]"',
    ],
    ['maxTokens: 6', 'maxTokens: 6, max_tokens: 7', 'unknown field `max_tokens` in `tasks.add`'],
    ['version: 1', 'version: 1\nversoin: 2', 'unknown field `versoin` in the top level'],
    ['name: tiny', 'name: ""', 'expected `name` to be a text that is not empty, got ""'],
  ])('refuses %j made %j', async (from, to, expected) => {
    await write(header.replace(from, to), [item]);
    expect(await message()).toBe(`\`suite.yaml\`: ${expected} (in ${join(dir, 'suite.yaml')})`);
  });

  test('refuses what is no YAML, and keys that stand twice', async () => {
    await write('tasks: [', [item]);
    expect(await message()).toMatch(/^`suite.yaml`: is not valid YAML: .*line 1/s);
    await write(header.replace('choice:', 'add:'), [item]);
    expect(await message()).toMatch(/Map keys must be unique/);
  });

  test.each([
    [[item, '{"task"'], '`items.jsonl, line 2`: expected one JSON object, got {"task" '],
    [[item, '[]'], '`items.jsonl, line 2`: expected it to be an object, got []'],
    [
      [{ ...item, task: 'sub' }],
      '`items.jsonl, line 1`, item `add-0`: expected `task` to be declared in suite.yaml (add, choice), got "sub"',
    ],
    [
      [item, '', { ...item, prompt: '2+2=' }],
      '`items.jsonl`: item `add-0` stands twice, ids are unique in a suite (lines 1 and 3 of ',
    ],
    [
      [{ task: 'add', id: 'x', target: '2' }],
      '`items.jsonl, line 1`, item `x`: expected `prompt` or `messages`, it has neither',
    ],
    [
      [{ ...item, prompt: 5 }],
      '`items.jsonl, line 1`, item `add-0`: expected `prompt` to be a text, got 5',
    ],
    [
      [{ ...item, target: [2] }],
      '`items.jsonl, line 1`, item `add-0`: expected `target` to be a text or a list of accepted texts, got [2]',
    ],
    [[{ ...item, id: 7 }], '`items.jsonl, line 1`: expected `id` to be a text, got 7'],
    [
      [{ ...item, mesages: [] }],
      '`items.jsonl, line 1`, item `add-0`: unknown field `mesages` in the top level',
    ],
    [[], '`items.jsonl`: expected at least one item (in '],
  ])('refuses items %j', async (items, expected) => {
    await write(header, items);
    expect(await message()).toContain(expected);
  });

  test('names a folder that is none', async () => {
    await rm(join(dir, 'suite.yaml'), { force: true });
    expect(await message()).toMatch(
      /^`suite`: expected a folder with suite.yaml and items.jsonl, cannot read /,
    );
  });
});

describe('restrictTasks', () => {
  test('keeps the tasks asked for, in the order of the suite', async () => {
    await write(header, [item, { ...item, id: 'c', task: 'choice' }]);
    const suite = await loadSuite(dir);
    const restricted = restrictTasks(suite, ['choice']);
    expect(restricted.items).toEqual([suite.items[1]]);
    expect([...restricted.tasks.keys()]).toEqual(['choice']);
    expect(restricted.hash).not.toBe(suite.hash);
    expect(restrictTasks(suite, ['choice', 'add']).hash).toBe(suite.hash);
    expect(() => restrictTasks(suite, ['mul'])).toThrow(
      '`tasks`: suite `tiny` has no task `mul`; it has add, choice',
    );
  });
});
