/** Tasks of which both checkpoints have outcomes, but none that was asked for. */
import type { StatusRow, Store } from '../store/index.ts';
import type { ComparisonExclusion } from './compare-notes.ts';
import type { MeasuredTask } from './compare-outcomes.ts';
import type { MeasuredSuite } from './measured-suite.ts';
import { lackingOption, type OutcomeChoice } from './outcome-choice.ts';

type Wanted = {
  readonly ids: readonly [string, string];
  readonly suites: readonly MeasuredSuite[];
  readonly measured: readonly MeasuredTask[];
  readonly request: OutcomeChoice & { readonly tasks: readonly string[] | null };
};

export async function unchosenTasks(
  store: Store,
  { ids, suites, measured, request }: Wanted,
): Promise<ComparisonExclusion[]> {
  const seen = new Set(measured.map(({ suite, task }) => keyOf(suite.name, task)));
  const within = { checkpoints: ids, ...(request.tasks === null ? {} : { tasks: request.tasks }) };
  const rows = new Map<string, StatusRow[]>();
  for (const row of await store.outcomes.status(within)) {
    const key = keyOf(row.suite, row.task);
    if (seen.has(key)) continue;
    rows.set(key, [...(rows.get(key) ?? []), row]);
  }
  return suites.flatMap(({ name: suite, questions }) =>
    [...rows.values()].flatMap((own) => {
      const [first] = own;
      if (first?.suite !== suite) return [];
      const declared = questions?.tasks.get(first.task)?.filter ?? null;
      const reason =
        lackingOption(own, request) ??
        `no outcomes under the filter that its suite declares, \`${declared ?? ''}\`: choose one with --filter`;
      return [{ suite, task: first.task, items: null, reason }];
    }),
  );
}

function keyOf(suite: string, task: string): string {
  return JSON.stringify([suite, task]);
}
