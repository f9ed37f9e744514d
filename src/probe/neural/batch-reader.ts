import { float32, int64, type Tensor } from '../../graph/index.ts';
import type { ProbeRows } from '../estimator.ts';

/** Log-odds that make attention to positions behind a sequence's end vanish. */
const BEHIND = -1e9;

/**
 * What the graphs of `batch-inputs.ts` read for `rows`, in `steps` batches of equal size. The features are fed whole and
 * picked in the graph: feeds are not copied, picking there runs on all threads.
 */
export async function feedsOf(
  data: ProbeRows,
  rows: Int32Array,
  steps: number,
): Promise<Record<string, Tensor>> {
  const each = rows.length / steps;
  const task = int64(
    Array.from(rows, (row) => data.task[row]!),
    [steps, each],
  );
  const feeds: Record<string, Tensor> = { task };
  if (data.width > 0) {
    feeds['features'] = float32(data.features, [data.rows, data.width]);
    feeds['rows'] = int64(rows, [steps, each]);
  }
  if (data.sequences !== null) Object.assign(feeds, await stateFeeds(data.sequences, rows, steps));
  return feeds;
}

async function stateFeeds(
  sequences: NonNullable<ProbeRows['sequences']>,
  rows: Int32Array,
  steps: number,
): Promise<Record<string, Tensor>> {
  const { layers, positions, hidden } = sequences;
  const { values, lengths } = await sequences.read(rows);
  const behind = new Float32Array(rows.length * positions);
  const distance = new Float32Array(rows.length * positions);
  for (let i = 0; i < rows.length; i += 1) {
    const last = lengths[i]! - 1;
    for (let t = 0; t < positions; t += 1) {
      behind[i * positions + t] = t > last ? BEHIND : 0;
      distance[i * positions + t] = Math.min(t - last, 0);
    }
  }
  const each = rows.length / steps;
  return {
    states: float32(values, [steps, each, layers, positions, hidden]),
    behind: float32(behind, [steps, each, positions]),
    distance: float32(distance, [steps, each, positions]),
  };
}
