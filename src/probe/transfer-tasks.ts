import { meanOfKnown } from '../stats/index.ts';
import type { Activations, ProbeCheckpoint, ProbeItem, TokenStates } from './activations.ts';
import { evaluateScored } from './evaluate.ts';
import { fitProbe } from './fit.ts';
import type { FitData, FitOptions } from './fit-settings.ts';
import type { Kernel } from './kernel.ts';
import { scoreCheckpoint } from './scored-checkpoint.ts';
import type { TransferCell } from './transfer-cells.ts';

/** A task at a later checkpoint, by a probe that never saw the task. */
export type LeftOutTask = {
  readonly task: string;
  readonly scored: string;
  readonly break: string | null;
  readonly items: number;
  /** Within the task, over all its questions; 0.5 is chance. Null where the task is not ranked. */
  readonly auroc: number | null;
  readonly oracleAuroc: number | null;
  /** Of the same task by the probe that was fitted on it too, on its unseen questions. */
  readonly knownAuroc: number | null;
  /** Of the prompt's length and words: null, for what they mean is learned task by task. */
  readonly promptOnlyAuroc: number | null;
  /** Predicted less measured. */
  readonly levelError: number | null;
};

/** Every task left out of the fit once. Broken checkpoints are listed, and are not in the means. */
export type LeaveTaskOut = {
  readonly trained: readonly string[];
  readonly rows: readonly LeftOutTask[];
  /** Means over ranked rows. */
  readonly auroc: number | null;
  readonly knownAuroc: number | null;
  /** Ranked rows, and those of them above chance. */
  readonly ranked: number;
  readonly above: number;
};

export type LeaveTaskOutInput = {
  /** The trained checkpoints alone. */
  readonly learned: FitData;
  readonly later: readonly ProbeCheckpoint[];
  /** Cells of the probe that was fitted on the same checkpoints and all tasks. */
  readonly cells: readonly TransferCell[];
  readonly fit: FitOptions;
  readonly onFit: () => void;
};

/** For every task: fitted on the other tasks, scored on this one at every later checkpoint. */
export async function leaveTaskOut(
  { learned, later, cells, fit, onFit }: LeaveTaskOutInput,
  kernel: Kernel,
): Promise<LeaveTaskOut> {
  const { items, layout } = learned;
  const rows: LeftOutTask[] = [];
  for (const task of [...new Set(items.map((item) => item.task))].sort()) {
    const model = await fitProbe(
      restrict(learned, (item) => item.task !== task),
      fit,
    );
    const own = restrict({ ...learned, checkpoints: later }, (item) => item.task === task);
    for (const checkpoint of own.checkpoints) {
      const input = { items: own.items, checkpoint, layout, random: null, outcomes: checkpoint };
      const scored = await scoreCheckpoint(model, input, kernel);
      const all = evaluateScored(input, scored).find((row) => row.split === 'all');
      if (all === undefined) continue;
      const known = cells.find((cell) => cell.scored === checkpoint.id && cell.split === 'unseen');
      rows.push({
        task,
        scored: checkpoint.id,
        break: known?.break ?? null,
        items: all.items,
        auroc: all.auroc,
        oracleAuroc: all.oracleAuroc,
        knownAuroc: known?.tasks.find((one) => one.task === task)?.auroc ?? null,
        promptOnlyAuroc: all.baselines.promptOnly.auroc,
        levelError: all.levelError,
      });
    }
    onFit();
  }
  const ranked = rows.filter((row) => row.break === null && row.auroc !== null);
  return {
    trained: learned.checkpoints.map(({ id }) => id),
    rows,
    auroc: meanOfKnown(ranked.map((row) => row.auroc)),
    knownAuroc: meanOfKnown(ranked.map((row) => row.knownAuroc)),
    ranked: ranked.length,
    above: ranked.filter((row) => (row.auroc ?? 0) > 0.5).length,
  };
}

/** The data of some items alone. */
function restrict(data: FitData, wanted: (item: ProbeItem) => boolean): FitData {
  const rows = data.items.flatMap((item, i) => (wanted(item) ? [i] : []));
  return {
    items: rows.map((i) => data.items[i]!),
    checkpoints: data.checkpoints.map((checkpoint) => ({
      ...checkpoint,
      ...restrictActivations(checkpoint, rows, data.layout.hidden),
      k: Float64Array.from(rows, (i) => checkpoint.k[i]!),
      n: Float64Array.from(rows, (i) => checkpoint.n[i]!),
    })),
    layout: data.layout,
    random: null,
  };
}

function restrictActivations(
  source: Activations,
  rows: readonly number[],
  hidden: number,
): Activations {
  return {
    states: async (pool, layer) => pickRows(await source.states(pool, layer), rows, hidden),
    output: source.output === null ? null : pickRows(source.output, rows, 4),
    nextTokens: source.nextTokens == null ? null : pickRows(source.nextTokens, rows, 16),
    likelihood: source.likelihood == null ? null : pickRows(source.likelihood, rows, 4),
    tokenStates: source.tokenStates == null ? null : restrictTokens(source.tokenStates, rows),
  };
}

function restrictTokens(source: TokenStates, rows: readonly number[]): TokenStates {
  return {
    ...source,
    read: (items, layers) =>
      source.read(
        items.map((item) => rows[item]!),
        layers,
      ),
  };
}

function pickRows(values: Float32Array, rows: readonly number[], width: number): Float32Array {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, i) => picked.set(values.subarray(row * width, (row + 1) * width), i * width));
  return picked;
}
