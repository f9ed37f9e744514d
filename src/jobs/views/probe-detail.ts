import type { Store } from '../../store/index.ts';
import type { ProbeDetail } from '../../wire/index.ts';
import { groupBy } from '../group-by.ts';
import type { Board } from './board.ts';
import type { Body } from './body.ts';
import { probeTruth } from './probe-cells.ts';
import { describeProbe, type ReadProbe } from './probes.ts';

/** A probe's card, and how its stored predictions turned out. */
export async function probeDetail(
  store: Store,
  probe: ReadProbe,
  board: Board,
): Promise<Body<ProbeDetail>> {
  const { card } = probe;
  return {
    ...describeProbe(probe),
    seed: card.seed,
    representation: describeRepresentation(probe),
    selection: card.selection.map(({ stage, candidate, auroc, mse, levelError, chosen }) => ({
      ...{ stage, candidate, auroc, mse, levelError, chosen },
    })),
    cardScores: (card.scores?.rows ?? []).map(
      ({ task, split, items, auroc, mse, levelError, baselines }) => ({
        ...{ task, split, items, auroc, mse, levelError, baselines },
      }),
    ),
    intervals: { level: card.errorModel.level, method: card.errorModel.method },
    drift:
      card.drift === null
        ? null
        : {
            falseAlarmRate: card.drift.falseAlarmRate,
            method: card.drift.method,
            signals: card.drift.signals.map(({ name, limit }) => ({ name, limit })),
          },
    ...(await probeTruth(store, probe, board)),
    scored: scoredCheckpoints(probe, board),
  };
}

function describeRepresentation({ card: { representation } }: ReadProbe): string | null {
  if (representation === null) return null;
  const { pool, layers, components, standardise, align } = representation;
  return `${pool} over tokens, layers ${layers.join(', ')}, ${components} components, standardised by ${standardise}, aligned by ${align}`;
}

function scoredCheckpoints({ id, card }: ReadProbe, board: Board): ProbeDetail['scored'] {
  const fitted = new Set(card.checkpoints.map((one) => one.id));
  const own = board.tasks
    .flatMap(({ series }) => series.filter((one) => one.probeId === id))
    .flatMap(({ estimates }) => [...estimates.values()]);
  const byCheckpoint = groupBy(own, ({ checkpoint }) => checkpoint);
  const ids = board.runs.flatMap(({ checkpoints }) => checkpoints);
  return ids.flatMap(({ checkpoint }) => {
    const estimates = byCheckpoint.get(checkpoint) ?? [];
    if (estimates.length === 0 || fitted.has(checkpoint)) return [];
    const countOf = (status: string): number =>
      estimates.filter((one) => one.status === status).length;
    return [
      {
        ...{ checkpoint, tasks: estimates.length },
        ...{ drift: countOf('drift'), remeasure: countOf('remeasure') },
        questions: estimates.reduce((sum, { items }) => sum + items, 0),
        labelled: estimates.reduce((sum, { labelled }) => sum + labelled, 0),
      },
    ];
  });
}
