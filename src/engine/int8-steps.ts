import { createSession, GraphBuilder, type TensorData } from '../graph/index.ts';

/** Largest magnitude of a weight in int8. */
const MOST_STEPS = 127;
/** With it, two products of an input of eight bits fit into 16 bits. */
const STEPS_WITHOUT_OVERFLOW = 63;
const INPUTS = 64;

let measured: Promise<number> | null = null;

/**
 * Steps that weights are rounded to on this processor. Without an instruction for it (VNNI) two products are summed in 16
 * bits, and large ones are cut off without a word: weights have seven bits there.
 */
export function int8Steps(): Promise<number> {
  measured ??= measureSteps();
  return measured;
}

async function measureSteps(): Promise<number> {
  const graph = new GraphBuilder('overflow');
  const x = graph.input('x', 'uint8', [1, INPUTS]);
  const weights = graph.given('w', 'int8', [INPUTS, INPUTS]);
  const product = graph.op('MatMulIntegerToFloat', [x, weights, graph.number(1), graph.number(1)]);
  graph.output('y', product, [1, INPUTS]);
  const given = new Map<string, TensorData>([
    ['w', new Int8Array(INPUTS * INPUTS).fill(MOST_STEPS)],
  ]);
  await using session = await createSession(graph.build(), { threads: 1, given });
  const largest = { dtype: 'uint8', shape: [1, INPUTS], data: new Uint8Array(INPUTS).fill(255) };
  const { y } = await session.run({ x: { ...largest, dtype: 'uint8' } }, ['y']);
  const isExact = y?.data.every((value) => Number(value) === 255 * MOST_STEPS * INPUTS) === true;
  return isExact ? MOST_STEPS : STEPS_WITHOUT_OVERFLOW;
}
