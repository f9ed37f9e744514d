import { stat } from 'node:fs/promises';
import { UserError } from '../error/index.ts';
import { loadSuite, restrictTasks, type Suite } from '../suite/index.ts';
import type { Store } from '../store/index.ts';
import type { JobContext } from './progress.ts';

/** Which questions, and how they are asked. */
export type SuiteRequest = {
  /** A suite's folder, or its name or hash in the store. */
  readonly suite: string;
  /** Only these tasks; null: all. */
  readonly tasks: readonly string[] | null;
  readonly render: 'auto' | 'prompt' | 'messages';
};

/**
 * Loads a suite from its folder (and keeps a copy in the store), or from the store.
 *
 * @throws UserError where there is none, it is malformed, or it lacks one of the tasks.
 */
export async function resolveSuite(
  store: Store,
  { suite: reference, tasks }: Omit<SuiteRequest, 'render'>,
  context: JobContext,
): Promise<Suite> {
  const suite = await loadSuite(await suiteFolder(store, reference, context));
  return tasks === null ? suite : restrictTasks(suite, tasks);
}

async function suiteFolder(store: Store, reference: string, context: JobContext): Promise<string> {
  const folder = context.resolve(reference);
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory() === true) return await store.suites.keep(await loadSuite(folder));
  const kept = await store.suites.find(reference);
  if (kept !== null) return kept;
  const names = [...new Set((await store.suites.list()).map(({ name }) => name))];
  const known =
    names.length === 0 ? 'the store keeps none yet' : `the store keeps ${names.join(', ')}`;
  throw new UserError(
    `--suite: expected a folder with suite.yaml and items.jsonl, or a suite of the store, got \`${reference}\` (${known})`,
  );
}
