import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore, type Store } from '../store/index.ts';
import { importRecords } from './import/index.ts';
import { anyOutcomes } from './outcome-choice.ts';
import { type JobContext, jobContext } from './progress.ts';
import { status, type StatusReport, type StatusRequest } from './status.ts';

let dir = '';
let store: Store;
let notes: string[];
let context: JobContext;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'status-'));
  store = await openStore(join(dir, '.sonde'));
  notes = [];
  context = jobContext({ note: (text) => notes.push(text), resolve: (path) => join(dir, path) });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

async function add(lines: readonly string[]): Promise<void> {
  const path = join(dir, 'records.csv');
  await writeFile(path, [...lines, ''].join('\n'));
  await importRecords(store, path, { onFile: () => undefined });
}

const ask = (changes: Partial<StatusRequest> = {}): Promise<StatusReport> =>
  status(store, { suite: null, tasks: null, ...anyOutcomes, ...changes }, context);

/** A suite of items i0, i1, … in these groups. */
async function keepSuite(groups: readonly (string | null)[]): Promise<void> {
  const folder = join(dir, 'suite');
  await mkdir(folder);
  const header = 'name: s\nversion: 1\ntasks:\n  t: { chance: 0, maxTokens: 6, grader: exact }\n';
  await writeFile(join(folder, 'suite.yaml'), header);
  const items = groups.map((group, item) =>
    JSON.stringify({
      ...{ task: 't', id: `i${item}`, prompt: `${item}`, target: 'a' },
      ...(group === null ? {} : { group }),
    }),
  );
  await writeFile(join(folder, 'items.jsonl'), `${items.join('\n')}\n`);
  await ask({ suite: 'suite' });
}

const header = 'suite,task,item,checkpoint,k,n';

describe('the error of an accuracy', () => {
  test('takes groups of the kept suite as clusters', async () => {
    await keepSuite(['g', 'g', null, null]);
    await add([header, 's,t,i0,c,1,1', 's,t,i1,c,1,1', 's,t,i2,c,0,1', 's,t,i3,c,0,1']);
    const { tasks } = await ask();
    // Sums about the mean ½ of the three units are 1, −½, −½: √(3/2 · 1.5 / 4²).
    expect(tasks[0]?.standardError).toBeCloseTo(Math.sqrt((1.5 * 1.5) / 16), 12);
    expect(tasks[0]).toMatchObject({ items: 4, accuracy: 0.5, samplesPerItem: 1, run: null });
  });

  test('is that of single questions without groups, and unknown with one group', async () => {
    await keepSuite(['g', 'g', 'h']);
    await add([header, 's,t,i0,c,1,1', 's,t,i1,c,0,1', 'z,t,i0,c,1,1', 'z,t,i1,c,0,1']);
    const { tasks } = await ask();
    expect(tasks.map(({ suite, standardError }) => [suite, standardError])).toEqual([
      ['s', null],
      ['z', expect.closeTo(0.5, 12)],
    ]);
  });
});

describe('pass@k', () => {
  test('stands beside the accuracy, and leaves out questions with too few answers', async () => {
    await add([header, 's,t,i0,c,0,4', 's,t,i1,c,2,4', 's,t,i2,c,1,1', 's,u,,c,5,10']);
    const { tasks } = await ask({ passAt: { ks: [1, 2], shrink: false } });
    expect(tasks[0]?.passAt).toEqual([
      {
        ...{ k: 1, items: 3, leftOut: 0, estimate: 0.5, shrunk: null },
        standardError: expect.closeTo(Math.sqrt(0.25 / 3), 12) as number,
      },
      {
        ...{ k: 2, items: 2, leftOut: 1, estimate: expect.closeTo(5 / 12, 12) as number },
        ...{ standardError: expect.closeTo(5 / 12, 12) as number, shrunk: null },
      },
    ]);
    const none = { items: 0, leftOut: 0, estimate: null, standardError: null, shrunk: null };
    expect(tasks[1]?.passAt).toEqual([
      { k: 1, ...none },
      { k: 2, ...none },
    ]);
    expect(notes).toEqual([
      'pass@2: left out: 1 questions, in 1 rows, with fewer than 2 answers or with parts of answers',
    ]);
  });

  test('is shrunk by what the questions share, where their answers tell it', async () => {
    const of = (task: string, right: readonly number[]): string[] =>
      right.map((k, item) => `s,${task},i${item},c,${k},4`);
    await add([header, ...of('t', [0, 1, 2, 0, 3, 1, 4, 0]), ...of('w', [0, 0])]);
    const { tasks } = await ask({ passAt: { ks: [8], shrink: true } });
    const [known, wrong] = tasks;
    expect(known?.passAt[0]).toMatchObject({ k: 8, items: 0, leftOut: 8, estimate: null });
    const shrunk = known?.passAt[0]?.shrunk;
    expect(shrunk?.estimate).toBeGreaterThan(0.5);
    expect(shrunk?.estimate).toBeLessThan(0.95);
    expect(shrunk?.standardError).toBeGreaterThan(0.01);
    expect(wrong?.passAt[0]?.shrunk).toBeNull();
    expect(notes.at(-1)).toBe(
      '--shrink: no prior in 1 rows: no question has two answers, or all are right, or all wrong',
    );
  });
});

test('few-shot counts and templates are rows of their own, and can be chosen', async () => {
  const more = ',few_shot,chat_template';
  await add([
    `${header}${more}`,
    's,t,i0,r/step1,1,1,0,none',
    's,t,i0,r/step1,0,1,5,none',
    's,t,i0,r/step1,0,1,5,ab12cd',
    's,t,i0,r/step2,0,1,5,ab12cd',
  ]);
  const found = async (changes: Partial<StatusRequest>): Promise<unknown[]> =>
    (await ask(changes)).tasks.map(({ fewShot, chatTemplate, run }) => [
      fewShot,
      chatTemplate,
      run,
    ]);
  expect(await found({ tasks: ['t'] })).toHaveLength(4);
  expect(await found({ fewShot: 0 })).toEqual([[0, 'none', 'r']]);
  expect(await found({ chatTemplate: 'ab1' })).toEqual([
    [5, 'ab12cd', 'r'],
    [5, 'ab12cd', 'r'],
  ]);
  expect(await found({ chatTemplate: 'none', fewShot: 5 })).toEqual([[5, 'none', 'r']]);
  expect((await ask({ fewShot: 0 })).gaps).toMatchObject([{ checkpoint: 'r/step2', of: 1 }]);
  await expect(ask({ chatTemplate: 'ff' })).rejects.toThrow(
    '--chat-template: expected one that outcomes of this store have (ab12cd, none), got `ff`',
  );
  await expect(ask({ fewShot: 3 })).rejects.toThrow(
    '--few-shot: expected one that outcomes of this store have (0, 5), got `3`',
  );
});
