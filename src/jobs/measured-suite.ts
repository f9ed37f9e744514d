/** Suites that outcomes are about. */
import { UserError } from '../error/index.ts';
import type { Store } from '../store/index.ts';
import { loadSuite, type Suite } from '../suite/index.ts';
import { compareText } from './compare-text.ts';
import { resolveSuite } from './known-suite.ts';
import type { JobContext } from './progress.ts';

/** A suite by name, and its questions where there are any: they tell groups and declared filters. */
export type MeasuredSuite = { readonly name: string; readonly questions: Suite | null };

export async function findSuite(
  store: Store,
  reference: string,
  context: JobContext,
): Promise<MeasuredSuite> {
  const known = await store.outcomes.tasks({ suite: reference });
  if (known.length > 0) return await keptSuite(store, reference, context);
  const questions = await resolveSuite(store, { suite: reference, tasks: null }, context);
  return { name: questions.name, questions };
}

/** Several copies under one name, or a damaged one, are no reason to refuse what needs outcomes alone. */
export async function keptSuite(
  store: Store,
  name: string,
  { note }: JobContext,
): Promise<MeasuredSuite> {
  try {
    const kept = await store.suites.find(name);
    return { name, questions: kept === null ? null : await loadSuite(kept) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    note(`suite ${name}: groups and declared filters are not used: ${error.message}`);
    return { name, questions: null };
  }
}

export async function measuredSuites(
  store: Store,
  ids: readonly string[],
  context: JobContext,
): Promise<MeasuredSuite[]> {
  const tasks = await store.outcomes.tasks({ checkpoints: ids });
  const names = [...new Set(tasks.map(({ suite }) => suite))].sort(compareText);
  return await Promise.all(names.map((name) => keptSuite(store, name, context)));
}

export async function checkTasks(
  store: Store,
  suite: MeasuredSuite | null,
  asked: readonly string[] | null,
): Promise<void> {
  if (asked === null) return;
  const measured = await store.outcomes.tasks(suite === null ? {} : { suite: suite.name });
  const ofQuestions = suite?.questions?.tasks.keys() ?? [];
  const known = [...new Set([...measured.map(({ task }) => task), ...ofQuestions])].sort();
  const unknown = asked.find((task) => !known.includes(task));
  if (unknown === undefined || known.length === 0) return;
  const where = suite === null ? 'the store' : `suite \`${suite.name}\``;
  throw new UserError(
    `--tasks: expected tasks of ${where} (${known.join(', ')}), got \`${unknown}\``,
  );
}
