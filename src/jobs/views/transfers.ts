import type { Store } from '../../store/index.ts';
import type { Transfer, TransferMatrix } from '../../wire/index.ts';
import type { JobContext } from '../progress.ts';

/** The kept matrices, the latest first, without those whose file is damaged: a note names it. */
export async function readTransfers(store: Store, { note }: JobContext): Promise<TransferMatrix[]> {
  const found = await store.transfers.list({ onDamaged: ({ message }) => note(message) });
  return found.sort((a, b) => (a.madeAt < b.madeAt ? 1 : -1));
}

export function describeTransfer(matrix: TransferMatrix): Transfer {
  const { id, suite, tasks, checkpoints, train, probe, holdout, seed } = matrix;
  const { precision, across, madeAt } = matrix;
  return {
    ...{ id, suite, tasks, checkpoints, train, probe, holdout, seed, precision, across, madeAt },
  };
}
