import type { StatusRow, Store } from '../store/index.ts';
import { resolveSuite } from './known-suite.ts';
import type { OutcomeChoice } from './outcome-choice.ts';
import type { JobContext } from './progress.ts';

export type { StatusRow };

export type StatusRequest = OutcomeChoice & {
  /** A suite's folder, its name in the store, or a value of the column `suite` of records; null: all. */
  readonly suite: string | null;
  readonly tasks: readonly string[] | null;
};

/** What is none of them, or unknown, stands before them. */
const stageOrder: readonly string[] = ['pretrain', 'midtrain', 'sft', 'dpo', 'rl'];

/** What was measured: task × checkpoint × filter, in the order of training within a task. */
export async function status(
  store: Store,
  request: StatusRequest,
  context: JobContext,
): Promise<StatusRow[]> {
  const rows = await store.outcomes.status({
    ...(request.suite === null ? {} : { suite: await suiteName(store, request.suite, context) }),
    ...(request.tasks === null ? {} : { tasks: request.tasks }),
    ...(request.source === null ? {} : { source: request.source }),
    ...(request.filter === null ? {} : { filter: request.filter }),
  });
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

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

async function suiteName(store: Store, reference: string, context: JobContext): Promise<string> {
  const known = await store.outcomes.tasks();
  if (known.some(({ suite }) => suite === reference)) return reference;
  return (await resolveSuite(store, { suite: reference, tasks: null }, context)).name;
}
