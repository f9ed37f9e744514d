import { createSession, float32, GraphBuilder, Tape, type Tensor } from '../../graph/index.ts';
import type { ProbeRows } from '../estimator.ts';
import { batchInputs } from './batch-inputs.ts';
import { feedsOf } from './batch-reader.ts';
import { byName, packedSize, unpack } from './packed.ts';
import type { StepPlan } from './step-graph.ts';

/** Logits of rows under any weights of one network. Release it with `await using`. */
export type Scorer = AsyncDisposable & {
  /** Log-odds of `rows` (numbers as in `data`), in their order. */
  logits(data: ProbeRows, rows: Int32Array, weights: Float32Array): Promise<Float64Array>;
};

/** Numbers of states that one run reads at most: bounds its memory. */
const STATE_NUMBERS = 2 ** 23;

const MOST_ROWS = 256;

/** Rows of one run for states of `numbers` numbers a row. */
export function chunkRows(rows: number, numbers: number): number {
  const fitting = Math.max(1, Math.floor(STATE_NUMBERS / Math.max(numbers, 1)));
  return Math.max(1, Math.min(rows, MOST_ROWS, fitting));
}

/** Builds the scoring graph: batches of `sizes.rows` rows, the last one filled up with a row that is thrown away. */
export async function createScorer(
  { sizes, parameters, logit }: StepPlan,
  known: Tensor,
  threads: number | undefined,
): Promise<Scorer> {
  const graph = new GraphBuilder('scoring');
  const tape = new Tape(graph);
  const inputs = batchInputs(tape, { ...sizes, steps: 1 });
  const size = packedSize(parameters);
  const weights = byName(
    parameters,
    unpack(tape, graph.input('weights', 'float32', [size]), parameters),
  );
  const batch = { ...inputs.batch(0), known: inputs.known, drop: <T>(x: T) => x };
  graph.output('logit', logit(batch, weights).value, [sizes.rows, 1]);
  const session = await createSession(graph.build(), threads === undefined ? {} : { threads });
  return {
    async logits(data, rows, flat) {
      const logits = new Float64Array(rows.length);
      for (let from = 0; from < rows.length; from += sizes.rows) {
        const chunk = Int32Array.from(
          { length: sizes.rows },
          (_, i) => rows[Math.min(from + i, rows.length - 1)]!,
        );
        const feeds = { ...(await feedsOf(data, chunk, 1)), known, weights: float32(flat) };
        const { logit: found } = await session.run(feeds, ['logit']);
        const values = found!.data as Float32Array;
        logits.set(values.subarray(0, Math.min(sizes.rows, rows.length - from)), from);
      }
      return logits;
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}
