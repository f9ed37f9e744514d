import {
  evaluateCheckpoint,
  type EvaluationRow as ProbeRow,
  type EvaluationSummary,
  summariseEvaluation,
} from '../probe/index.ts';
import type { Store } from '../store/index.ts';
import { resolveCheckpoints } from './known-checkpoint.ts';
import {
  type ItemCounts,
  noteJoins,
  type OutcomeChoice,
  requireItemCounts,
} from './outcome-choice.ts';
import type { JobContext } from './progress.ts';
import { checkTasks, openProbe, prepareScoring } from './score-checkpoint.ts';

export type EvaluateRequest = OutcomeChoice & {
  readonly checkpoints: readonly string[];
  readonly probe: string;
  readonly tasks: readonly string[] | null;
};

export type EvaluationReport = {
  readonly rows: readonly (ProbeRow & { readonly suite: string })[];
  /** Means over the rows of a split; null for a split without rows. */
  readonly summary: Readonly<Record<'seen' | 'unseen' | 'all', EvaluationSummary | null>>;
};

/** A probe's predictions against the outcomes of checkpoints, beside the baselines. */
export async function evaluate(
  store: Store,
  request: EvaluateRequest,
  context: JobContext,
): Promise<EvaluationReport> {
  const probe = await openProbe(store, request.probe);
  checkTasks(probe, request.probe, request.tasks);
  const checkpoints = await resolveCheckpoints(store, request.checkpoints, context);
  const rows: (ProbeRow & { suite: string })[] = [];
  const counts: ItemCounts[] = [];
  for (const checkpoint of checkpoints) {
    const scoring = await prepareScoring(store, probe, checkpoint, context);
    const about = { suite: probe.suite, checkpoint: checkpoint.id, render: scoring.render };
    const outcomes = await requireItemCounts(store, about, request);
    counts.push(outcomes);
    const evaluated = await evaluateCheckpoint(probe.model, { ...scoring.input, outcomes });
    const kept = evaluated.filter(({ task }) => request.tasks?.includes(task) ?? true);
    rows.push(...kept.map((row) => ({ suite: probe.suite.name, ...row })));
    context.signal.throwIfAborted();
  }
  noteJoins(counts, context);
  return { rows, summary: summariseEvaluation(rows) };
}
