/** What a HELM run wrote of its tasks as a whole: stats.json. */
import type { LogCheckpoint } from '../../importer.ts';
import { makeRecord } from '../../log/blank-record.ts';
import { readJsonMembers } from '../../log/json-members.ts';
import { lossUnit } from '../../log/metric-kind.ts';
import type { OutcomeRecord } from '../../record.ts';
import { type HelmRun, helmTask } from './run-spec.ts';
import { type HelmStat, helmKind, isBookkeeping, toStat } from './stat.ts';

/**
 * The statistics of the original inputs. Left out are bookkeeping, and losses that are of the model's own answers: they get
 * smaller as a model gets surer, not as it gets better.
 *
 * @throws UserError for a damaged file.
 */
export async function readSummary(path: string, run: HelmRun): Promise<HelmStat[]> {
  const stats: HelmStat[] = [];
  for await (const { value } of readJsonMembers(path)) {
    const stat = toStat(value);
    if (stat === null || stat.perturbed || isBookkeeping(stat.metric)) continue;
    if (run.readsTexts || lossUnit(stat.metric) === null) stats.push(stat);
  }
  return stats;
}

/** Instances of each split, as HELM counts them. */
export async function readSizes(path: string): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  for await (const { value } of readJsonMembers(path)) {
    const stat = toStat(value);
    if (stat?.metric !== 'num_instances' || stat.perturbed) continue;
    if (Number.isSafeInteger(stat.mean) && stat.mean > 0) sizes.set(placeOf(stat), stat.mean);
  }
  return sizes;
}

export function placeOf({ split, subSplit }: Pick<HelmStat, 'split' | 'subSplit'>): string {
  return JSON.stringify([split, subSplit]);
}

/** A statistic of a task as a record: a score where its instances have it, else a measure of the task. */
export function taskRecord(
  stat: HelmStat,
  {
    run,
    checkpoint,
    suite,
    size,
  }: { run: HelmRun; checkpoint: LogCheckpoint; suite: string; size: number | null },
): OutcomeRecord {
  const { metric, mean } = stat;
  const unit = lossUnit(metric) ?? (mean < 0 || mean > 1 ? metric : null);
  return makeRecord({
    ...checkpoint,
    suite,
    task: helmTask(run.name, stat),
    filter: metric,
    fewShot: run.fewShot,
    temperature: run.temperature,
    ...(unit === null ? share(metric, mean, size) : { loss: mean, lossUnit: unit }),
  });
}

function share(
  metric: string,
  mean: number,
  size: number | null,
): Pick<OutcomeRecord, 'kind' | 'k' | 'n'> {
  if (size === null) return { kind: 'score', k: mean, n: 1 };
  const kind = helmKind(metric);
  return { kind, k: kind === 'count' ? mean * size : mean, n: size };
}

/** A measure of all instances together. */
export function measureRecord(
  stat: HelmStat,
  { run, checkpoint, suite }: { run: HelmRun; checkpoint: LogCheckpoint; suite: string },
): OutcomeRecord {
  return makeRecord({
    ...checkpoint,
    suite,
    task: helmTask(run.name, stat),
    filter: stat.metric,
    fewShot: run.fewShot,
    temperature: run.temperature,
    loss: stat.mean,
    lossUnit: lossUnit(stat.metric) ?? stat.metric,
  });
}
