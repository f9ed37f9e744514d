import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { TransferResult } from '../probe/index.ts';
import { canonicalJson, type Store } from '../store/index.ts';
import type { TransferMatrix } from '../wire/index.ts';

type Kept = Omit<TransferMatrix, 'schemaVersion' | 'id' | 'madeAt'>;

/**
 * Keeps a matrix under a name made of what was asked: asked again, it is replaced where something else came out, and left as
 * it is where nothing did. Returns its id.
 *
 * @param asked whatever changes the answer, beside outcomes and states.
 */
export async function keepTransfer(
  { transfers }: Pick<Store, 'transfers'>,
  asked: object,
  matrix: Kept,
): Promise<string> {
  const id = createHash('sha256').update(canonicalJson(asked), 'utf8').digest('hex').slice(0, 32);
  const before = await transfers.read(id);
  const madeAt = new Date().toISOString();
  const made: TransferMatrix = { schemaVersion: 1, id, madeAt, ...matrix };
  if (before === null || !isDeepStrictEqual({ ...before, madeAt }, made)) {
    await transfers.write(made);
  }
  return id;
}

/** What is kept of a result; how probes age can be read off its cells. */
export function matrixOf({
  cells,
  breaks,
  leftOut,
}: TransferResult): Pick<TransferMatrix, 'cells' | 'breaks' | 'leftOut'> {
  return {
    cells: cells.map(({ trained, baselines, tasks, ...cell }) => ({
      ...{ trained: lastOf(trained), scored: cell.scored, split: cell.split, break: cell.break },
      ...scoresOf(cell),
      ...{ pooledAuroc: cell.pooledAuroc, taskPooledAuroc: cell.taskPooledAuroc },
      baselines: {
        persistence: scoresOf(baselines.persistence),
        historyOnly: scoresOf(baselines.historyOnly),
      },
      tasks: tasks.map((one) => ({ task: one.task, ...scoresOf(one) })),
    })),
    breaks: breaks.map((one) => ({
      ...{ trained: lastOf(one.trained), scored: one.scored, break: one.break },
      ...{ auroc: one.auroc, refitAuroc: one.refitAuroc },
      refitPromptOnlyAuroc: one.refitPromptOnlyAuroc,
      ...{ levelError: one.levelError, correctedLevelError: one.correctedLevelError },
      plainLevelError: one.plainLevelError,
    })),
    leftOut: (leftOut?.rows ?? []).map((row) => ({
      ...{ trained: lastOf(leftOut?.trained ?? []), scored: row.scored, break: row.break },
      ...{ task: row.task, items: row.items, auroc: row.auroc, oracleAuroc: row.oracleAuroc },
      ...{ knownAuroc: row.knownAuroc, levelError: row.levelError },
    })),
  };
}

type Scores = Kept['cells'][number]['baselines']['persistence'];

function scoresOf({ auroc, mse, levelError }: Scores): Scores {
  return { auroc, mse, levelError };
}

function lastOf(trained: readonly string[]): string {
  return trained.at(-1) ?? '';
}
