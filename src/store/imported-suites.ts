/**
 * Suites out of harness logs. Each import adds a copy with the questions that are new under the suite's name, and
 * `imported.json` beside it; the suite is the union of its copies. Who needs the union writes it as a copy that lists the
 * ones it holds, so that it is made once.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import {
  hashSuiteContent,
  type Item,
  itemLine,
  loadSuite,
  type Suite,
  type Task,
  writeSuiteHeader,
} from '../suite/index.ts';
import { absent, atomicWriteFolder } from './atomic.ts';

export const importedMark = 'imported.json';

/** Of an imported copy: the suite's name, and the copies whose questions it holds as well. */
export type ImportedMark = { readonly name: string; readonly holds: readonly string[] };

const markSchema = z.object({ name: z.string(), holds: z.array(z.string()) });

/** Null for a copy of a suite that somebody wrote. */
export async function readMark(dir: string): Promise<ImportedMark | null> {
  const text = await readFile(join(dir, importedMark), 'utf8').catch(absent);
  if (text === null) return null;
  const parsed = markSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
}

export type ImportedCopy = { readonly hash: string; readonly mark: ImportedMark };

/** The copies of a name that no other of them holds. */
export function outermost(copies: readonly ImportedCopy[]): ImportedCopy[] {
  const held = new Set(copies.flatMap(({ mark }) => mark.holds));
  return copies.filter(({ hash }) => !held.has(hash));
}

/** Writes the union of imported copies of one name; returns its folder. */
export async function writeUnion(folder: string, copies: readonly ImportedCopy[]): Promise<string> {
  const suites: Suite[] = [];
  for (const { hash } of copies) suites.push(await loadSuite(join(folder, hash)));
  const [first] = suites;
  if (first === undefined) throw new Error('suites: a union of nothing');
  const union = uniteSuites(first.name, suites);
  const holds = copies.flatMap(({ hash, mark }) => [hash, ...mark.holds]);
  return atomicWriteFolder(folder, async (temporary) => {
    await writeSuiteHeader(temporary, union);
    await writeFile(join(temporary, 'items.jsonl'), union.items.map(itemLine).join(''));
    await writeFile(
      join(temporary, importedMark),
      JSON.stringify({ name: first.name, holds: [...new Set(holds)].sort() }),
    );
    return hashSuiteContent(union);
  });
}

const natural = new Intl.Collator('en', { numeric: true });

/**
 * All questions by task and id, whatever the order of the copies. Where two copies ask one differently (two processes
 * imported at once), the smaller text counts.
 */
function uniteSuites(
  name: string,
  suites: readonly Suite[],
): Pick<Suite, 'name' | 'version' | 'tasks'> & { items: Item[] } {
  const tasks = new Map<string, Task>();
  const items = new Map<string, Item>();
  for (const suite of suites) {
    for (const task of suite.tasks.values()) keepSmaller(tasks, task.name, task);
    for (const item of suite.items) keepSmaller(items, item.id, item);
  }
  const sorted = [...items.values()].sort(
    (a, b) =>
      natural.compare(a.task, b.task) || natural.compare(a.id, b.id) || (a.id < b.id ? -1 : 1),
  );
  const names = [...tasks.keys()].sort(natural.compare);
  return {
    name,
    version: 'imported',
    tasks: new Map(
      names.flatMap((task) => {
        const settings = tasks.get(task);
        return settings === undefined ? [] : [[task, settings]];
      }),
    ),
    items: sorted,
  };
}

function keepSmaller<T>(map: Map<string, T>, key: string, value: T): void {
  const known = map.get(key);
  if (known === undefined || JSON.stringify(value) < JSON.stringify(known)) map.set(key, value);
}
