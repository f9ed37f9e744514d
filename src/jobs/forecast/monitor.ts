/** A checkpoint that exists beside what its ladder expects of it: measured, or probed. */
import type { MethodForecast } from '../../forecast/index.ts';
import type { Store } from '../../store/index.ts';
import { readRegistration } from '../known-checkpoint.ts';
import type { BenchmarkPart } from './measure.ts';

export type Monitoring = {
  readonly measured: number | null;
  /** Mean of the probabilities that a probe gave the benchmark's items. */
  readonly probed: number | null;
  /** What the ladder expects at the checkpoint's compute, with the 95 % interval. */
  readonly expected: number;
  readonly low: number;
  readonly high: number;
  /** Of the measured accuracy, else of the probed one, to the interval; null where the forecast is no answer. */
  readonly position: 'below' | 'within' | 'above' | null;
};

/** Null where there is nothing to compare. */
export function monitor(
  chosen: Pick<MethodForecast, 'accuracy' | 'low' | 'high' | 'verdict'>,
  { measured, probed }: { measured: number | null; probed: number | null },
): Monitoring | null {
  const { accuracy: expected, low, high } = chosen;
  const found = measured ?? probed;
  if (found === null || expected === null || low === null || high === null) return null;
  const position = found < low ? 'below' : found > high ? 'above' : 'within';
  const isAnswer = chosen.verdict === 'predictable';
  return { measured, probed, expected, low, high, position: isAnswer ? position : null };
}

/** A probe's probabilities for a checkpoint, by task and item. */
export type ProbedItems = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * What stored predictions say of a checkpoint, of the weights that it has now: by the probe with the most items, of those
 * that still stand under their name where there are any.
 */
export async function readProbed(
  store: Store,
  { suite, checkpoint }: { suite: string; checkpoint: string },
): Promise<ProbedItems> {
  const fingerprint = (await readRegistration(store, checkpoint))?.fingerprint ?? null;
  const current = new Set((await store.probes.list()).map(({ id }) => id));
  const probes = new Map<string, Map<string, Map<string, number>>>();
  const sizes = new Map<string, number>();
  for await (const rows of store.predictions.stream({ suite, checkpoints: [checkpoint] })) {
    for (const row of rows) {
      if (fingerprint !== null && row.fingerprint !== fingerprint) continue;
      const tasks = probes.get(row.probeId) ?? new Map<string, Map<string, number>>();
      probes.set(row.probeId, tasks);
      const items = tasks.get(row.task) ?? new Map<string, number>();
      tasks.set(row.task, items.set(row.item, row.p));
      sizes.set(row.probeId, (sizes.get(row.probeId) ?? 0) + 1);
    }
  }
  const rank = (id: string): number => (current.has(id) ? 1e12 : 0) + (sizes.get(id) ?? 0);
  const [best] = [...probes.keys()].sort((a, b) => rank(b) - rank(a) || (a < b ? -1 : 1));
  return best === undefined ? new Map() : (probes.get(best) ?? new Map());
}

/** The mean over the items of all parts; null unless each of them was probed. */
export function probedAccuracy(
  probed: ProbedItems,
  parts: readonly BenchmarkPart[],
): number | null {
  let [sum, count] = [0, 0];
  for (const { task, items } of parts) {
    const own = probed.get(task);
    if (own === undefined) return null;
    for (const item of items ?? own.keys()) {
      const p = own.get(item);
      if (p === undefined) return null;
      sum += p;
      count += 1;
    }
  }
  return count === 0 ? null : sum / count;
}
