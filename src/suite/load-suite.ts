import { readFile, stat } from 'node:fs/promises';
import { resolve, join } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { describeIssue, UserError } from '../error/index.ts';
import { hashSuite } from './identity.ts';
import { itemSchema } from './item-schema.ts';
import { readJsonLines } from './json-lines.ts';
import { type SuiteHeader, suiteSchema } from './suite-schema.ts';
import type { Item, Suite, Task } from './types.ts';

const maxHeaderBytes = 4 * 1024 * 1024;

/**
 * Reads and checks a suite folder (`suite.yaml`, `items.jsonl`); the items are streamed line by line.
 *
 * @throws UserError with file, line, item and field for anything that is missing or wrong.
 */
export async function loadSuite(dir: string): Promise<Suite> {
  const folder = resolve(dir);
  const header = await readHeader(join(folder, 'suite.yaml'));
  const items = await readItems(join(folder, 'items.jsonl'), header);
  return { ...pick(header), items, hash: hashSuite(items), dir: folder };
}

/**
 * The same suite with only these tasks, in the suite's order; its hash is that of what remains.
 *
 * @throws UserError for a task that the suite does not have.
 */
export function restrictTasks(suite: Suite, names: readonly string[]): Suite {
  for (const name of names) {
    if (!suite.tasks.has(name)) {
      const known = [...suite.tasks.keys()].join(', ');
      throw new UserError(
        `\`tasks\`: suite \`${suite.name}\` has no task \`${name}\`; it has ${known}`,
      );
    }
  }
  const wanted = new Set(names);
  const items = suite.items.filter((item) => wanted.has(item.task));
  const tasks = new Map([...suite.tasks].filter(([name]) => wanted.has(name)));
  return { ...suite, tasks, items, hash: hashSuite(items) };
}

function pick({ name, version, tasks }: SuiteHeader): Pick<Suite, 'name' | 'version' | 'tasks'> {
  return { name, version, tasks };
}

async function readHeader(path: string): Promise<SuiteHeader> {
  const value = parseYaml(await readSmallFile(path), path);
  const parsed = suiteSchema.safeParse(value);
  if (!parsed.success) {
    throw new UserError(`\`suite.yaml\`: ${describeIssue(parsed.error, value)} (in ${path})`);
  }
  return parsed.data;
}

async function readSmallFile(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > maxHeaderBytes) {
      throw new UserError(
        `\`suite.yaml\`: expected at most ${maxHeaderBytes} bytes, got ${size} (in ${path})`,
      );
    }
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(
      `\`suite\`: expected a folder with suite.yaml and items.jsonl, cannot read ${path} (${reason})`,
      { cause },
    );
  }
}

function parseYaml(text: string, path: string): unknown {
  try {
    return parse(text, { prettyErrors: true }) as unknown;
  } catch (cause) {
    if (!(cause instanceof YAMLParseError || cause instanceof ReferenceError)) throw cause;
    throw new UserError(`\`suite.yaml\`: is not valid YAML: ${cause.message.trim()} (in ${path})`, {
      cause,
    });
  }
}

async function readItems(path: string, { tasks }: SuiteHeader): Promise<Item[]> {
  const items: Item[] = [];
  const lines = new Map<string, number>();
  for await (const { line, value } of readJsonLines(path, { name: 'items.jsonl' })) {
    const item = checkItem(value, tasks, `items.jsonl, line ${line}`);
    const earlier = lines.get(item.id);
    if (earlier !== undefined) {
      const place = `lines ${earlier} and ${line} of ${path}`;
      throw new UserError(
        `\`items.jsonl\`: item \`${item.id}\` stands twice, ids are unique in a suite (${place})`,
      );
    }
    lines.set(item.id, line);
    items.push(item);
  }
  if (items.length === 0)
    throw new UserError(`\`items.jsonl\`: expected at least one item (in ${path})`);
  return items;
}

function checkItem(value: unknown, tasks: ReadonlyMap<string, Task>, where: string): Item {
  const parsed = itemSchema.safeParse(value);
  if (!parsed.success) {
    throw new UserError(`\`${where}\`${nameOf(value)}: ${describeIssue(parsed.error, value)}`);
  }
  const item = parsed.data;
  if (!tasks.has(item.task)) {
    const known = [...tasks.keys()].join(', ');
    throw new UserError(
      `\`${where}\`, item \`${item.id}\`: expected \`task\` to be declared in suite.yaml (${known}), got "${item.task}"`,
    );
  }
  if (item.prompt === null && item.messages === null) {
    throw new UserError(
      `\`${where}\`, item \`${item.id}\`: expected \`prompt\` or \`messages\`, it has neither`,
    );
  }
  return item;
}

function nameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('id' in value)) return '';
  return typeof value.id === 'string' ? `, item \`${value.id}\`` : '';
}
