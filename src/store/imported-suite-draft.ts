import { createHash } from 'node:crypto';
import { appendFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  fitsSuite,
  type Item,
  itemLine,
  promptSha256,
  type Task,
  writeSuiteHeader,
} from '../suite/index.ts';
import { atomicWriteFolder, draftFile, type FileDraft } from './atomic.ts';
import { importedMark } from './imported-suites.ts';

/** What is known of the questions under a suite's name: the text of each by its id, and the settings of the tasks. */
export type KnownQuestions = {
  readonly texts: Map<string, string>;
  readonly tasks: Map<string, Task>;
};

/** Questions of one import on their way into a suite; only new ones are written. */
export interface ImportedSuiteDraft extends AsyncDisposable {
  /** `other`: the suite asks the question of this id in other words, and keeps them. `unfit`: no suite can hold it. */
  add(item: Item, task: Task): 'new' | 'known' | 'other' | 'unfit';
  /** To be awaited now and then: writes what was added, once it is much. */
  settle(): Promise<void>;
  /** The folder with the new questions; null where there are none. */
  commit(): Promise<string | null>;
}

const maxPendingLength = 1024 * 1024;

/** `known` grows with the questions of the import once they are committed. */
export function createImportedSuiteDraft(
  folder: string,
  name: string,
  known: KnownQuestions,
): ImportedSuiteDraft {
  const fresh: KnownQuestions = { texts: new Map(), tasks: new Map() };
  const content = createHash('sha256');
  let file: FileDraft | null = null;
  let pending: string[] = [];
  let length = 0;
  let writing: Promise<void> = Promise.resolve();
  const write = async (text: string): Promise<void> => {
    file ??= await draftFile(folder);
    await appendFile(file.path, text);
  };
  /** Goes on while more questions come; what fails is thrown where it is waited for. */
  const startWriting = async (): Promise<void> => {
    await writing;
    if (pending.length === 0) return;
    writing = write(pending.join(''));
    writing.catch(() => undefined);
    [pending, length] = [[], 0];
  };
  return {
    add(item, task) {
      const text = questionText(item);
      const before = known.texts.get(item.id) ?? fresh.texts.get(item.id);
      if (before !== undefined) return before === text ? 'known' : 'other';
      if (!fitsSuite(item)) return 'unfit';
      fresh.texts.set(item.id, text);
      if (!fresh.tasks.has(task.name)) {
        fresh.tasks.set(task.name, known.tasks.get(task.name) ?? task);
      }
      const line = itemLine(item);
      content.update(JSON.stringify([text, { ...item, prompt: null, messages: null }]));
      pending.push(line);
      length += line.length;
      return 'new';
    },
    async settle() {
      if (length >= maxPendingLength) await startWriting();
    },
    async commit() {
      await startWriting();
      await writing;
      const items = file;
      if (items === null) return null;
      file = null;
      const dir = await atomicWriteFolder(folder, async (temporary) => {
        await writeSuiteHeader(temporary, { name, version: 'imported', tasks: fresh.tasks });
        await rename(items.path, join(temporary, 'items.jsonl'));
        await writeFile(join(temporary, importedMark), JSON.stringify({ name, holds: [] }));
        // A name by content, made while the questions came: reading them all again would hold them all at once.
        const header = JSON.stringify([name, [...fresh.tasks.values()]]);
        return createHash('sha256').update(header).update(content.digest()).digest('hex');
      });
      for (const [id, text] of fresh.texts) known.texts.set(id, text);
      for (const [task, settings] of fresh.tasks) known.tasks.set(task, settings);
      return dir;
    },
    async [Symbol.asyncDispose]() {
      await writing.catch(() => undefined);
      await file?.drop();
    },
  };
}

/** Stands for what is asked; short, since all of a suite's are held at once. */
export function questionText(item: Item): string {
  const prompt = item.prompt === null ? null : promptSha256(item, 'prompt');
  const messages = item.messages === null ? null : promptSha256(item, 'messages');
  const hash = createHash('sha256').update(JSON.stringify([item.task, prompt, messages]));
  // Not the slice of a text, which would keep the whole of it in memory.
  return hash.digest().toString('base64', 0, keptBytes);
}

/** 128 bits. */
const keptBytes = 16;
