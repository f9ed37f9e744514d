/** Stored predictions of a fitted probe against the outcomes that there are now. */
import { reliability } from '../../estimate/index.ts';
import { oracleAuroc, softAuroc } from '../../stats/index.ts';
import type { Store, TaskQuery } from '../../store/index.ts';
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
  const seen = new Set(card.split.seen);
  const fitted = new Set(card.checkpoints.map((one) => one.id));
  const cells: ProbeCell[] = [];
  const all: Pairs = { p: [], rate: [] };
  for (const { suite, task, filter, series } of board.tasks) {
    const own = series.find((one) => one.probeId === id);
    if (suite !== origin.suite || own === undefined) continue;
    const about = { suite, task, checkpoints: [...own.estimates.keys()] };
    const predicted = await readPredicted(store, about, id);
    const pairs = await pairUp(store, about, { predicted, seen, filter });
    for (const cell of inTraining(pairs, board)) {
      cells.push(scoreOf(cell, fitted.has(cell.checkpoint)));
      all.p.push(...cell.p);
      all.rate.push(...cell.rate);
    }
  }
  return { cells, reliability: reliabilityOf(all) };
}

type Predicted = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** By checkpoint and item. */
async function readPredicted(
  store: Store,
  { suite, task, checkpoints }: TaskQuery,
  probeId: string,
): Promise<Predicted> {
  const found = new Map<string, Map<string, number>>();
  const rows = store.predictions.streamFields(
    { suite, tasks: [task], checkpoints },
    { fields: ['checkpoint', 'item', 'p'], equal: { probeId } },
  );
  for await (const batch of rows) {
    for (const { checkpoint, item, p } of batch) {
      const own = found.get(checkpoint) ?? new Map<string, number>();
      found.set(checkpoint, own.set(item, p));
    }
  }
  return found;
}

type Known = {
  readonly predicted: Predicted;
  readonly seen: ReadonlySet<string>;
  /** The one that stands for the task. */
  readonly filter: string | null;
};

async function pairUp(
  store: Store,
  about: TaskQuery,
  { predicted, seen, filter }: Known,
): Promise<CellPairs[]> {
  const cells = new Map<string, CellPairs>();
  for await (const batch of store.outcomes.rates(about)) {
    for (const { checkpoint, item, filter: own, rate } of batch) {
      const p = predicted.get(checkpoint)?.get(item);
      if (p === undefined || (own !== filter && own !== null)) continue;
      const split = seen.has(item) ? 'seen' : 'unseen';
      const key = JSON.stringify([checkpoint, split]);
      const cell = cells.get(key) ?? { task: about.task, checkpoint, split, p: [], rate: [] };
      cells.set(key, cell);
      cell.p.push(p);
      cell.rate.push(rate);
    }
  }
  return [...cells.values()];
}

function inTraining(cells: readonly CellPairs[], { runs }: Board): CellPairs[] {
  const ids = runs.flatMap(({ checkpoints }) => checkpoints.map(({ checkpoint }) => checkpoint));
  const place = new Map(ids.map((id, index) => [id, index]));
  const at = ({ checkpoint }: CellPairs): number => place.get(checkpoint) ?? 0;
  return cells.toSorted((a, b) => at(a) - at(b) || (a.split < b.split ? -1 : 1));
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

function reliabilityOf({ p, rate }: Pairs): ProbeDetail['reliability'] {
  if (p.length < 2) return null;
  const step = Math.ceil(p.length / mostPairs);
  const every = (values: readonly number[]): Float64Array =>
    Float64Array.from(values.filter((_, index) => index % step === 0));
  const { bins, error, debiasedError, slope, intercept } = reliability(every(p), every(rate));
  return { bins, error, debiasedError, slope, intercept };
}
