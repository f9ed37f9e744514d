import { UserError } from '../../error/index.ts';
import type { Store } from '../../store/index.ts';
import type { Transfer, TransferMatrix } from '../../wire/index.ts';
import type { JobContext } from '../progress.ts';

/** The kept matrices, the latest first; none, with a note that names the file, where one is damaged. */
export async function readTransfers(store: Store, { note }: JobContext): Promise<TransferMatrix[]> {
  try {
    const found = await store.transfers.list();
    return found.sort((a, b) => (a.madeAt < b.madeAt ? 1 : -1));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    note(error.message);
    return [];
  }
}

export function describeTransfer(matrix: TransferMatrix): Transfer {
  const { id, suite, tasks, checkpoints, train, probe, holdout, seed } = matrix;
  const { precision, across, madeAt } = matrix;
  return {
    ...{ id, suite, tasks, checkpoints, train, probe, holdout, seed, precision, across, madeAt },
  };
}
