/** What several answers are made from, read once for each state of the store. */
import {
  type Board,
  type BoardRun,
  forecasts,
  type JobContext,
  type ListedForecast,
  lastPairs,
  type MeasuredBoard,
  type PairedChanges,
  pairedChanges,
  readBoard,
  readMeasuredBoard,
  type ReadProbe,
  readProbes,
  readTransfers,
} from '../jobs/index.ts';
import { contentsVersion, type Store, type StoreContents, type StoreKind } from '../store/index.ts';
import type { Alert, TransferMatrix } from '../wire/index.ts';
import { createMemo } from './memo.ts';

export type Sources = {
  readonly store: Store;
  readonly context: JobContext;
  board(): Promise<Board>;
  /** How sure the changes are that scoreboards of these runs show. */
  changes(runs: readonly BoardRun[]): Promise<PairedChanges>;
  probes(): Promise<readonly ReadProbe[]>;
  /** The latest first. */
  transfers(): Promise<readonly TransferMatrix[]>;
  /** Newest first, scored. */
  forecasts(): Promise<readonly ListedForecast[]>;
  /** Newest first. */
  alerts(): Promise<readonly Alert[]>;
};

/** What each of them depends on. */
export const kindsOf: Readonly<
  Record<
    'measured' | 'board' | 'probes' | 'transfers' | 'forecasts' | 'alerts',
    readonly StoreKind[]
  >
> = {
  measured: ['outcomes', 'suites'],
  board: ['outcomes', 'estimates', 'checkpoints', 'suites', 'probes'],
  probes: ['probes'],
  transfers: ['transfers'],
  forecasts: ['forecasts', 'outcomes', 'checkpoints', 'suites'],
  alerts: ['alerts', 'acknowledgements'],
};

/** The sources of a store; each call is about one state of it. */
export function createSources(
  store: Store,
  context: JobContext,
): (contents: StoreContents) => Sources {
  const memo = <T>(): ReturnType<typeof createMemo<T>> =>
    createMemo<T>({ sizeOf: () => 1, most: 1 });
  const boards = memo<Board>();
  // Apart: estimates come far more often than outcomes, and cost far less to read.
  const measured = memo<MeasuredBoard>();
  const changes = memo<PairedChanges>();
  const probes = memo<readonly ReadProbe[]>();
  const transfers = memo<readonly TransferMatrix[]>();
  const listed = memo<readonly ListedForecast[]>();
  const alerts = memo<readonly Alert[]>();
  return (contents) => {
    const version = (name: keyof typeof kindsOf): string =>
      contentsVersion(contents, kindsOf[name]);
    const board = (): Promise<Board> =>
      boards.get('', version('board'), async () => {
        const known = await measured.get('', version('measured'), () =>
          readMeasuredBoard(store, context),
        );
        return readBoard(store, known, context);
      });
    return {
      ...{ store, context },
      board,
      async changes(runs) {
        const pairs = lastPairs(await board(), runs);
        return changes.get(JSON.stringify(pairs), version('measured'), () =>
          pairedChanges(store, pairs, context),
        );
      },
      probes: () => probes.get('', version('probes'), () => readProbes(store, context)),
      transfers: () => transfers.get('', version('transfers'), () => readTransfers(store, context)),
      forecasts: () =>
        listed.get('', version('forecasts'), async () => {
          const request = { suite: null, tasks: null, keep: false };
          return (await forecasts(store, request, context)).forecasts.toReversed();
        }),
      alerts: () =>
        alerts.get('', version('alerts'), async () => {
          // One damaged file must not take all scores with it.
          const onDamaged = ({ message }: { message: string }): void => context.note(message);
          return (await store.alerts.list({ onDamaged })).toReversed();
        }),
    };
  };
}
