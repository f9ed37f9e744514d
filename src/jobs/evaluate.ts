import type { Precision } from '../engine/index.ts';
import {
  evaluateItems,
  type EvaluationRow as ProbeRow,
  type EvaluationSummary,
  summariseEvaluation,
} from '../probe/index.ts';
import { reliability, type Reliability } from '../estimate/index.ts';
import type { Across } from '../outcomes/index.ts';
import type { Store } from '../store/index.ts';
import { resolveCheckpoints } from './known-checkpoint.ts';
import {
  type ItemCounts,
  noteJoins,
  type OutcomeChoice,
  requireItemCounts,
} from './outcome-choice.ts';
import type { JobContext } from './progress.ts';
import { passesAhead } from './passes-ahead.ts';
import {
  checkPrecision,
  checkTasks,
  openProbe,
  prepareScoring,
  wantedBy,
} from './score-checkpoint.ts';

export type EvaluateRequest = OutcomeChoice & {
  readonly checkpoints: readonly string[];
  readonly probe: string;
  readonly tasks: readonly string[] | null;
  /** Null or absent: that of the probe, the only one that it reads. */
  readonly precision?: Precision | null;
};

export type EvaluationReport = {
  readonly rows: readonly (ProbeRow & { readonly suite: string })[];
  /** Means over the rows of a split; null for a split without rows. */
  /** How the predictions of all questions compare with their measured rates; null where fewer than two were measured. */
  readonly reliability: Reliability | null;
  readonly summary: Readonly<Record<'seen' | 'unseen' | 'all', EvaluationSummary | null>>;
  /** Differences across which outcomes were joined to the questions. */
  readonly across: readonly Across[];
};

/** A probe's predictions against the outcomes of checkpoints, beside the baselines. */
export async function evaluate(
  store: Store,
  request: EvaluateRequest,
  context: JobContext,
): Promise<EvaluationReport> {
  const probe = await openProbe(store, request.probe);
  checkTasks(probe, request.probe, request.tasks);
  checkPrecision(probe, request.probe, request.precision ?? null);
  const checkpoints = await resolveCheckpoints(store, request.checkpoints, context);
  await passesAhead(store, checkpoints, wantedBy(probe), context);
  const rows: (ProbeRow & { suite: string })[] = [];
  const counts: ItemCounts[] = [];
  const [predicted, rates]: [number[], number[]] = [[], []];
  for (const checkpoint of checkpoints) {
    const scoring = await prepareScoring(store, probe, checkpoint, context);
    const about = { suite: probe.suite, checkpoint: checkpoint.id, render: scoring.render };
    const outcomes = await requireItemCounts(store, about, request);
    counts.push(outcomes);
    const evaluated = await evaluateItems(probe.model, { ...scoring.input, outcomes });
    probe.suite.items.forEach(({ task }, i) => {
      const [right, answers, p] = [outcomes.k[i], outcomes.n[i], evaluated.predicted[i]];
      if (right === undefined || answers === undefined || p === undefined) return;
      if (answers <= 0 || !(request.tasks?.includes(task) ?? true)) return;
      predicted.push(p);
      rates.push(right / answers);
    });
    const kept = evaluated.rows.filter(({ task }) => request.tasks?.includes(task) ?? true);
    rows.push(...kept.map((row) => ({ suite: probe.suite.name, ...row })));
    context.signal.throwIfAborted();
  }
  noteJoins(counts, context);
  return {
    rows,
    reliability:
      rates.length < 2 ? null : reliability(Float64Array.from(predicted), Float64Array.from(rates)),
    summary: summariseEvaluation(rows),
    across: request.across,
  };
}
