/** Stored predictions of a fitted probe against the outcomes that there are now. */
import { reliability } from '../../estimate/index.ts';
import { oracleAuroc, softAuroc } from '../../stats/index.ts';
import type { PredictedQuery, Store } from '../../store/index.ts';
import type { ProbeCell, ProbeDetail } from '../../wire/index.ts';
import type { Board } from './board.ts';
import type { ReadProbe } from './probes.ts';

type Pairs = { readonly p: number[]; readonly rate: number[] };
type CellPairs = Pick<ProbeCell, 'task' | 'checkpoint' | 'split'> & Pairs;

export type ProbeTruth = Pick<ProbeDetail, 'cells' | 'reliability'>;

/** One cell a task × checkpoint × split, in the order of tasks and training. */
export async function probeTruth(
  store: Store,
  { id, card, origin }: ReadProbe,
  board: Board,
): Promise<ProbeTruth> {
  const fitted = new Set(card.checkpoints.map((one) => one.id));
  const known = board.tasks.flatMap(({ suite, task, filter, series }) => {
    const own = series.find((one) => one.probeId === id);
    return suite !== origin.suite || own === undefined ? [] : [{ task, filter, own }];
  });
  const predicted = new Set(known.flatMap(({ own }) => [...own.estimates.keys()]));
  const pairs = await pairUp(store, {
    ...{ suite: origin.suite, probeId: id, tasks: known, items: card.split.seen },
    checkpoints: inTraining(board).filter((checkpoint) => predicted.has(checkpoint)),
  });
  return {
    cells: pairs.map((cell) => scoreOf(cell, fitted.has(cell.checkpoint))),
    reliability: reliabilityOf(pairs),
  };
}

/** In the order of the query's tasks and checkpoints. */
async function pairUp(store: Store, query: PredictedQuery): Promise<CellPairs[]> {
  const cells: CellPairs[] = [];
  for await (const batch of store.predictedOutcomes(query)) {
    for (const { task: ownTask, checkpoint: ownCheckpoint, isNamed, p, rate } of batch) {
      const task = query.tasks[ownTask]?.task ?? '';
      const checkpoint = query.checkpoints[ownCheckpoint] ?? '';
      const split = isNamed ? 'seen' : 'unseen';
      let cell = cells.at(-1);
      if (cell?.task !== task || cell.checkpoint !== checkpoint || cell.split !== split) {
        cell = { task, checkpoint, split, p: [], rate: [] };
        cells.push(cell);
      }
      cell.p.push(p);
      cell.rate.push(rate);
    }
  }
  return cells;
}

function inTraining({ runs }: Board): string[] {
  return runs.flatMap(({ checkpoints }) => checkpoints.map(({ checkpoint }) => checkpoint));
}

function scoreOf({ task, checkpoint, split, p, rate }: CellPairs, fitted: boolean): ProbeCell {
  const items = p.length;
  const meanOf = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / items;
  const [predicted, measured] = [meanOf(p), meanOf(rate)];
  return {
    ...{ task, checkpoint, split, fitted, items, predicted, measured },
    auroc: softAuroc(p, rate),
    oracleAuroc: oracleAuroc(rate),
    mse: meanOf(p.map((value, index) => (value - (rate[index] ?? 0)) ** 2)),
    levelError: predicted - measured,
  };
}

/** Beyond so many the bins no longer change, and a page waits. */
const mostPairs = 100_000;

function reliabilityOf(cells: readonly Pairs[]): ProbeDetail['reliability'] {
  const count = cells.reduce((sum, { p }) => sum + p.length, 0);
  if (count < 2) return null;
  const step = Math.ceil(count / mostPairs);
  const every = (field: keyof Pairs): Float64Array =>
    Float64Array.from(
      cells.flatMap((cell) => cell[field]).filter((_, index) => index % step === 0),
    );
  const { bins, error, debiasedError, slope, intercept } = reliability(every('p'), every('rate'));
  return { bins, error, debiasedError, slope, intercept };
}
