import type { Store, TaskQuery } from '../../store/index.ts';
import type { ItemMatrix, ItemsQuery, MatrixItem } from '../../wire/index.ts';
import { compareText } from '../compare-text.ts';
import type { BoardRun, BoardTask } from './board.ts';
import type { Body } from './body.ts';

type About = {
  readonly run: BoardRun;
  readonly task: BoardTask;
  readonly query: Pick<ItemsQuery, 'filter' | 'probe'>;
};

/** Rates of one kind by item, one value a checkpoint; NaN for none. */
type Rates = Map<string, Float64Array>;

/** The questions of a task × the checkpoints of a run, the easiest question first. */
export async function itemMatrix(
  store: Store,
  { run, task, query }: About,
): Promise<Body<ItemMatrix>> {
  const ids = run.checkpoints.map(({ checkpoint }) => checkpoint);
  const about = { suite: task.suite, task: task.task, checkpoints: ids };
  const columns = new Map(ids.map((id, column) => [id, column]));
  const filter = query.filter ?? task.filter;
  const probes = task.series.filter(({ estimates }) => ids.some((id) => estimates.has(id)));
  const probe =
    (query.probe === undefined ? probes[0] : probes.find((one) => one.probe === query.probe)) ??
    null;
  const [measured, predicted] = await Promise.all([
    readMeasured(store, about, { columns, filter }),
    probe === null ? new Map() : readPredicted(store, about, { columns, probeId: probe.probeId }),
  ]);
  const items = orderItems(measured, predicted, ids.length);
  const rowsOf = (rates: Rates): (number | null)[] =>
    items.flatMap(({ item }) => valuesOf(rates.get(item), ids.length).map(rounded));
  return {
    ...{ suite: task.suite, task: task.task, run: run.run, chance: task.chance },
    checkpoints: run.checkpoints,
    items,
    measured: rowsOf(measured),
    predicted: rowsOf(predicted),
    probe: probe?.probe ?? null,
    filter: measured.size === 0 ? null : filter,
    filters: task.filters,
    probes: [...new Set(probes.map((one) => one.probe))],
  };
}

async function readPredicted(
  store: Store,
  { suite, task, checkpoints }: TaskQuery,
  { columns, probeId }: { readonly columns: ReadonlyMap<string, number>; readonly probeId: string },
): Promise<Rates> {
  const rates: Rates = new Map();
  const rows = store.predictions.streamFields(
    { suite, tasks: [task], checkpoints },
    { fields: ['item', 'checkpoint', 'p'], equal: { probeId } },
  );
  for await (const batch of rows) {
    for (const { item, checkpoint, p } of batch) {
      put(rates, { item, column: columns.get(checkpoint), p }, columns.size);
    }
  }
  return rates;
}

type Wanted = { readonly columns: ReadonlyMap<string, number>; readonly filter: string | null };

/** Of the filter where a question has it at a checkpoint, else of whichever it has. */
async function readMeasured(
  store: Store,
  about: TaskQuery,
  { columns, filter }: Wanted,
): Promise<Rates> {
  const rates: Rates = new Map();
  for await (const batch of store.outcomes.rates(about)) {
    for (const { item, checkpoint, filter: own, rate } of batch) {
      const column = columns.get(checkpoint);
      const isOther = own !== filter && !Number.isNaN(rates.get(item)?.[column ?? -1] ?? NaN);
      if (!isOther) put(rates, { item, column, p: rate }, columns.size);
    }
  }
  return rates;
}

function put(
  rates: Rates,
  {
    item,
    column,
    p,
  }: { readonly item: string; readonly column: number | undefined; readonly p: number },
  columns: number,
): void {
  if (column === undefined) return;
  const row = rates.get(item) ?? new Float64Array(columns).fill(NaN);
  row[column] = p;
  rates.set(item, row);
}

function valuesOf(row: Float64Array | undefined, columns: number): readonly number[] {
  return row === undefined ? new Array<number>(columns).fill(NaN) : [...row];
}

/** From this rate on a question counts as solved. */
const solved = 0.5;

function orderItems(measured: Rates, predicted: Rates, columns: number): MatrixItem[] {
  const names = [...new Set([...measured.keys(), ...predicted.keys()])];
  const items = names.map((item): MatrixItem => {
    const own = valuesOf(measured.get(item), columns);
    const other = valuesOf(predicted.get(item), columns);
    const best = own.map((rate, column) => (Number.isNaN(rate) ? (other[column] ?? NaN) : rate));
    const known = best.filter((rate) => !Number.isNaN(rate));
    const mean = known.reduce((sum, rate) => sum + rate, 0) / known.length;
    return { item, mean: rounded(mean), firstSolved: firstSolvedOf(best) };
  });
  return items.sort((a, b) => (b.mean ?? -1) - (a.mean ?? -1) || compareText(a.item, b.item));
}

function firstSolvedOf(rates: readonly number[]): number | null {
  let first: number | null = null;
  for (const [column, rate] of rates.entries()) {
    if (Number.isNaN(rate)) continue;
    if (rate < solved) first = null;
    else first ??= column;
  }
  return first;
}

/** Four places are more than anybody sees, and a third of the bytes. */
function rounded(rate: number): number | null {
  return Number.isNaN(rate) ? null : Math.round(rate * 1e4) / 1e4;
}
