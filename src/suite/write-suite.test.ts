import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadSuite } from './load-suite.ts';
import type { Grader, Item, Task } from './types.ts';
import { itemLine, writeSuiteHeader } from './write-suite.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-write-suite-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' });
const grader = fc.constantFrom<Grader>(
  { type: 'exact' },
  { type: 'math' },
  { type: 'regex', pattern: '([A-D])', flags: 'i' },
);
const task = fc.record<Task>({
  name: text,
  chance: fc.double({ min: 0, max: 1, noNaN: true }),
  maxTokens: fc.integer({ min: 1, max: 9999 }),
  stop: fc.array(text, { maxLength: 3 }),
  grader,
  filter: fc.option(text),
});
const itemOf = (name: string): fc.Arbitrary<Item> =>
  fc.record<Item>({
    task: fc.constant(name),
    id: text,
    prompt: text,
    messages: fc.option(
      fc.array(fc.record({ role: text, content: fc.string() }), { minLength: 1, maxLength: 2 }),
    ),
    target: fc.array(text, { maxLength: 2 }),
    choices: fc.option(fc.array(fc.string(), { minLength: 1, maxLength: 4 })),
    group: fc.option(text),
    meta: fc.dictionary(text, fc.string()),
  });

it('is read back as it was written', async () => {
  const suite = task.chain((one) =>
    fc.record({
      task: fc.constant(one),
      items: fc.uniqueArray(itemOf(one.name), {
        minLength: 1,
        maxLength: 4,
        selector: ({ id }) => id,
      }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(suite, async ({ task: only, items }) => {
      const tasks = new Map([[only.name, only]]);
      await writeSuiteHeader(folder, { name: 'written', version: '1', tasks });
      writeFileSync(join(folder, 'items.jsonl'), items.map(itemLine).join(''));
      const { name, version, tasks: read, items: readItems } = await loadSuite(folder);
      expect({ name, version, tasks: read, items: readItems }).toEqual({
        name: 'written',
        version: '1',
        tasks,
        items,
      });
    }),
    { numRuns: 60 },
  );
});
