/** From the extrapolated subset to the whole benchmark. */
import type { ClusterRates } from './cluster-laws.ts';
import { type CodFit, type CodPart, judgeClusters, type JudgedCluster } from './cod-fit.ts';
import type { MapPoint } from './map-point.ts';
import { fitSubsetMap, type SubsetMap } from './subset-map.ts';

/** A part's clusters judged at a target, with the map to the whole benchmark where the settings ask for one. */
export type Judgement = {
  readonly clusters: readonly JudgedCluster[];
  readonly map: SubsetMap | null;
};

/** Judges a part's clusters and calibrates the map on the ladder's own (subset, full) pairs. */
export function judgePart(
  fit: CodFit,
  part: CodPart,
  flops: { readonly target: number; readonly smallest: number },
): Judgement {
  const clusters = judgeClusters(fit, part, flops);
  const { whole } = fit.settings;
  const nothing = !clusters.some(isExtrapolated);
  if (!('anchors' in whole) || nothing) return { clusters, map: null };
  const map = fitSubsetMap(mapPoints(fit, part, clusters), {
    kind: whole.kind,
    chanceEnds: whole.chanceEnds ? fit.ladder.chance : 0,
  });
  return { clusters, map };
}

/** Accuracy of the whole benchmark, 0…1; the mean rate at the largest model where no cluster is extrapolated. */
export function fullFromSubset(
  { settings }: CodFit,
  { outliers }: Pick<CodPart, 'outliers'>,
  { clusters, map }: Judgement,
): number {
  const kept = clusters.filter(isExtrapolated);
  const keptSize = kept.reduce((sum, { size }) => sum + size, 0);
  const subset = kept.reduce((sum, { size, rateAtTarget }) => sum + size * rateAtTarget, 0);
  if (keptSize > 0 && map !== null) return map.evaluate(subset / keptSize);
  if (keptSize > 0 && settings.whole.kind === 'subset') return subset / keptSize;
  const rest = [...clusters.filter((cluster) => !isExtrapolated(cluster)), outliers];
  const total = rest.reduce((sum, { size }) => sum + size, keptSize);
  return (subset + rest.reduce((sum, group) => sum + group.size * lastRate(group), 0)) / total;
}

function isExtrapolated({ decision }: JudgedCluster): boolean {
  return decision.state === 'extrapolated';
}

/** The rate at the largest model; an empty group counts nothing. */
function lastRate({ rates, size }: ClusterRates): number {
  return size === 0 ? 0 : rates.at(-1)!;
}

export type LabelledMapPoint = MapPoint & {
  readonly label: string;
  readonly kind: 'ladder' | 'anchor';
};

/** (subset, full) of every ladder model, and of the anchors where the settings ask for them. */
export function mapPoints(
  { ladder, settings }: CodFit,
  { assignment }: CodPart,
  clusters: readonly JudgedCluster[],
): LabelledMapPoint[] {
  const kept = clusters.filter(isExtrapolated);
  const size = kept.reduce((sum, cluster) => sum + cluster.size, 0);
  const points = ladder.models.map(
    ({ checkpoint }, model): LabelledMapPoint => ({
      label: checkpoint,
      kind: 'ladder',
      subset: kept.reduce((sum, cluster) => sum + cluster.size * cluster.rates[model]!, 0) / size,
      full: ladder.accuracy[model]!,
    }),
  );
  const { whole } = settings;
  if (!('anchors' in whole) || !whole.anchors) return points;
  const labels = assignment.labels.at(-1)!;
  const isKept = clusters.map(isExtrapolated);
  for (const { checkpoint, rates, accuracy } of ladder.anchors) {
    if (rates === null) continue;
    let [sum, count] = [0, 0];
    rates.forEach((rate, item) => {
      if (isKept[labels[item]!] !== true) return;
      sum += rate;
      count += 1;
    });
    if (count > 0) {
      points.push({ label: checkpoint, kind: 'anchor', subset: sum / count, full: accuracy });
    }
  }
  return points;
}
