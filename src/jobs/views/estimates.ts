import type { EstimateRecord, FolderVersion } from '../../store/index.ts';
import { isTooWide } from '../../probe/index.ts';
import type { Checkpoint, Estimate } from '../../wire/index.ts';
import { compareText } from '../compare-text.ts';

/** What one fitted probe said of one task, by checkpoint. */
export type Series = {
  readonly probe: string;
  readonly probeId: string;
  /** Whether the probe's name stands for it now. */
  readonly current: boolean;
  readonly estimates: ReadonlyMap<string, Estimate>;
};

type About = {
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  readonly probes: readonly Pick<FolderVersion, 'name' | 'id'>[];
};

/**
 * The records of one task by fitted probe: those that stand for their names first, then those that spoke of most
 * checkpoints. Of several at a checkpoint counts the one about its present weights, then the one that used most labels.
 */
export function seriesOf(
  records: readonly EstimateRecord[],
  { checkpoints, probes }: About,
): Series[] {
  const byProbe = new Map<string, EstimateRecord[]>();
  for (const record of records) {
    const key = JSON.stringify([record.probe, record.probeId]);
    byProbe.set(key, [...(byProbe.get(key) ?? []), record]);
  }
  const found = [...byProbe.values()].flatMap((own): Series[] => {
    const [first] = own;
    if (first === undefined) return [];
    const { probe, probeId } = first;
    const current = probes.some(({ name, id }) => name === probe && id === probeId);
    return [{ probe, probeId, current, estimates: byCheckpoint(own, checkpoints) }];
  });
  return found.sort(
    (a, b) =>
      Number(b.current) - Number(a.current) ||
      b.estimates.size - a.estimates.size ||
      compareText(a.probe, b.probe) ||
      compareText(a.probeId, b.probeId),
  );
}

function byCheckpoint(
  records: readonly EstimateRecord[],
  checkpoints: ReadonlyMap<string, Checkpoint>,
): ReadonlyMap<string, Estimate> {
  const chosen = new Map<string, EstimateRecord>();
  const rank = ({ checkpoint, fingerprint, labelled }: EstimateRecord): number =>
    labelled + (checkpoints.get(checkpoint)?.fingerprint === fingerprint ? 1e9 : 0);
  for (const record of records) {
    const before = chosen.get(record.checkpoint);
    if (before === undefined || rank(record) > rank(before)) chosen.set(record.checkpoint, record);
  }
  return new Map(
    [...chosen].map(([id, record]) => [id, describe(record, checkpoints.get(id)?.run ?? id)]),
  );
}

function describe(record: EstimateRecord, run: string): Estimate {
  const { suite, task, checkpoint, probe, probeId, items, labelled } = record;
  const { predicted, low, high, level, method, status, reason, baselines } = record;
  return {
    ...{ suite, task, checkpoint, run, probe, probeId, items, labelled },
    ...{ predicted, low, high, level, method, status, reason },
    remeasureAdvised: status !== 'ok' || isTooWide({ low, high }),
    baselines: parseBaselines(baselines),
  };
}

/** Written by `predict`: an object of numbers; anything else in a file says nothing. */
function parseBaselines(text: string): Record<string, number | null> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, typeof one === 'number' ? one : null]),
  );
}
