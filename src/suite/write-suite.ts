import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { itemSchema } from './item-schema.ts';
import { maxTaskName } from './suite-schema.ts';
import type { Grader, Item, Suite, Task } from './types.ts';

/** Writes `suite.yaml`, as `loadSuite` reads it. */
export async function writeSuiteHeader(
  dir: string,
  { name, version, tasks }: Pick<Suite, 'name' | 'version' | 'tasks'>,
): Promise<void> {
  const header = {
    name,
    version,
    tasks: Object.fromEntries([...tasks.values()].map((task) => [task.name, taskFields(task)])),
  };
  await writeFile(join(dir, 'suite.yaml'), stringify(header));
}

/** Whether `loadSuite` would take an item: it is asked, and its texts are neither empty nor too long. */
export function fitsSuite(item: Item): boolean {
  const asked = item.prompt !== null || item.messages !== null;
  return asked && item.task.length <= maxTaskName && itemSchema.safeParse(item).success;
}

/** A line of `items.jsonl`, with its end; fields that say nothing are left out. */
export function itemLine(item: Item): string {
  const { task, id, prompt, messages, target, choices, group, meta } = item;
  const given = {
    task,
    id,
    ...(prompt === null ? {} : { prompt }),
    ...(messages === null ? {} : { messages }),
    target,
    ...(choices === null ? {} : { choices }),
    ...(group === null ? {} : { group }),
    ...(Object.keys(meta).length === 0 ? {} : { meta }),
  };
  return `${JSON.stringify(given)}\n`;
}

function taskFields({ chance, maxTokens, stop, grader, filter }: Task): Record<string, unknown> {
  return {
    chance,
    maxTokens,
    stop: [...stop],
    grader: graderFields(grader),
    ...(filter === null ? {} : { filter }),
  };
}

function graderFields(grader: Grader): string | Record<string, string> {
  return grader.type === 'regex' ? { ...grader } : grader.type;
}
