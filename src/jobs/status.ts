import { compareText } from './compare-text.ts';
import { UserError } from '../error/index.ts';
import type { StatusRow, Store } from '../store/index.ts';
import { resolveSuite } from './known-suite.ts';
import { isOfSampling, type OutcomeChoice, refuseEmptyChoice } from './outcome-choice.ts';
import type { JobContext } from './progress.ts';

export type { StatusRow };

export type StatusRequest = OutcomeChoice & {
  /** A suite's folder, its name in the store, or a value of the column `suite` of records; null: all. */
  readonly suite: string | null;
  readonly tasks: readonly string[] | null;
};

/** What is none of them, or unknown, stands before them. */
const stageOrder: readonly string[] = ['pretrain', 'midtrain', 'sft', 'dpo', 'rl'];

/**
 * What was measured: task × checkpoint × filter, in the order of training within a task.
 *
 * @throws UserError for a task that there is none of, and for a choice that nothing measured has.
 */
export async function status(
  store: Store,
  request: StatusRequest,
  context: JobContext,
): Promise<StatusRow[]> {
  const suite = request.suite === null ? null : await findSuite(store, request.suite, context);
  await checkTasks(store, suite, request.tasks);
  const within = {
    ...(suite === null ? {} : { suite: suite.name }),
    ...(request.tasks === null ? {} : { tasks: request.tasks }),
  };
  const chosen = await store.outcomes.status({
    ...within,
    ...(request.source === null ? {} : { source: request.source }),
    ...(request.filter === null ? {} : { filter: request.filter }),
  });
  const rows = chosen.filter((row) => isOfSampling(row, request));
  if (rows.length === 0) {
    const about = suite === null ? 'this store' : `suite \`${suite.name}\``;
    await refuseEmptyChoice(store, within, request, about);
  }
  const stages = new Map(
    (await store.outcomes.checkpoints()).map(({ checkpoint, stage }) => [checkpoint, stage]),
  );
  const rank = ({ checkpoint }: StatusRow): number =>
    stageOrder.indexOf(stages.get(checkpoint) ?? '');
  return rows.sort(
    (a, b) =>
      compareText(a.suite, b.suite) ||
      compareText(a.task, b.task) ||
      rank(a) - rank(b) ||
      (a.step ?? -1) - (b.step ?? -1) ||
      compareText(a.checkpoint, b.checkpoint) ||
      compareText(a.filter ?? '', b.filter ?? ''),
  );
}

/** A suite with the tasks that its questions name; none where only outcomes are known. */
type FoundSuite = { readonly name: string; readonly tasks: readonly string[] };

async function findSuite(
  store: Store,
  reference: string,
  context: JobContext,
): Promise<FoundSuite> {
  const known = await store.outcomes.tasks();
  if (known.some(({ suite }) => suite === reference)) return { name: reference, tasks: [] };
  const { name, tasks } = await resolveSuite(store, { suite: reference, tasks: null }, context);
  return { name, tasks: [...tasks.keys()] };
}

async function checkTasks(
  store: Store,
  suite: FoundSuite | null,
  asked: readonly string[] | null,
): Promise<void> {
  if (asked === null) return;
  const measured = await store.outcomes.tasks(suite === null ? {} : { suite: suite.name });
  const known = [...new Set([...measured.map(({ task }) => task), ...(suite?.tasks ?? [])])].sort();
  const unknown = asked.find((task) => !known.includes(task));
  // In an empty store there is nothing that a name could be wrong about.
  if (unknown === undefined || known.length === 0) return;
  const where = suite === null ? 'the store' : `suite \`${suite.name}\``;
  throw new UserError(
    `--tasks: expected tasks of ${where} (${known.join(', ')}), got \`${unknown}\``,
  );
}
