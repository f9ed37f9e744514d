import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { createSession, float32, GraphBuilder } from '../graph/index.ts';
import { forwardFlopsPerToken, innerWidth, type ModelSpec } from '../model/index.ts';
import { MOST_OWN_TOKENS } from './head-pools.ts';
import { DEFAULT_TOKEN_BUDGET } from './local-engine.ts';
import { residentPassBytes } from './pass-memory.ts';

export type PassEstimate = {
  /** Largest resident memory of `extract` with all pools: weights in float32, one batch, the runtime itself. */
  readonly memoryBytes: number;
  /** Of prompts' tokens, all pools, without loading; a guide, within a factor of two on an idle machine. */
  readonly secondsPer1000Tokens: number;
  /** What was measured, in words. */
  readonly how: string;
};

export type EstimateOptions = {
  /** @default all that the machine offers */
  readonly threads?: number;
  /** Tokens of a prompt, for the cost of attention. @default 200 */
  readonly promptTokens?: number;
  /** @default what `openLocalEngine` takes */
  readonly tokenBudget?: number;
};

/** A pass runs at this share of the rate of its products: attention, norms and padding cost the rest. */
const SHARE_OF_PRODUCTS = 0.75;
/** What is made of one logit, on one core. */
const SECONDS_PER_LOGIT = 2.5e-9;
/** The probe runs this long, so that cores that were asleep or clocked down do not count. */
const PROBE_MS = 250;
/** And no more often than this, for models where one product takes microseconds. */
const PROBE_RUNS = 50;
/** No product of the probe is larger than this, so that it takes a fraction of a second at any model size. */
const LARGEST_PROBE_SIZE = 4096;
/** Fixed cost of an operator at any size, from products of width 16 on one core. */
const SECONDS_PER_OPERATOR = 8e-6;
/** Operators of a block, and of an expert in it. */
const OPERATORS_PER_BLOCK = 20;
const OPERATORS_PER_EXPERT = 6;

/**
 * Memory and time of a pass over prompts. Memory is counted from the shapes; the rate is measured now, on products of
 * the model's own MLP shape, so work that runs beside it counts.
 */
export async function estimatePass(
  spec: ModelSpec,
  options: EstimateOptions = {},
): Promise<PassEstimate> {
  const threads = options.threads ?? availableParallelism();
  const tokenBudget = options.tokenBudget ?? DEFAULT_TOKEN_BUDGET;
  const promptTokens = options.promptTokens ?? 200;
  // No more tokens of a prompt go through the head: those before its last ones, and the last one itself.
  const headShare = Math.min(1, (MOST_OWN_TOKENS + 1) / promptTokens);
  const rate = await measureProducts(spec, { threads, tokenBudget });
  const flops = flopsPerToken(spec, { context: promptTokens / 2, headShare });
  const overhead =
    (SECONDS_PER_OPERATOR * operatorsOf(spec)) / tokenBudget +
    (SECONDS_PER_LOGIT * spec.vocabulary * headShare) / threads;
  return {
    memoryBytes: residentPassBytes(spec, tokenBudget),
    secondsPer1000Tokens: 1000 * (flops / (rate * SHARE_OF_PRODUCTS) + overhead),
    how: `products measured at ${Math.round(rate / 1e9)} GFLOPS on ${threads} threads`,
  };
}

/** Of blocks, and of the head for the share of tokens that go through it. */
function flopsPerToken(
  spec: ModelSpec,
  { context, headShare }: { readonly context: number; readonly headShare: number },
): number {
  const blocks = forwardFlopsPerToken(spec, { context });
  const head = forwardFlopsPerToken(spec, { context, head: true }) - blocks;
  return blocks + head * headShare;
}

function operatorsOf({ layers }: ModelSpec): number {
  const experts = layers.reduce(
    (sum, { mlp }) => sum + (mlp.kind === 'experts' ? mlp.experts.length : 0),
    0,
  );
  return OPERATORS_PER_BLOCK * layers.length + OPERATORS_PER_EXPERT * experts;
}

/** Width of the MLP, of one expert where it is a mixture. */
function widthOfProducts({ layers, hidden }: ModelSpec): number {
  const mlp = layers[0]?.mlp;
  if (mlp === undefined) return hidden;
  return mlp.kind === 'dense' ? innerWidth(mlp) : innerWidth(mlp) / mlp.chosen;
}

/** Best of a few timed products (tokens, hidden) · (hidden, intermediate), in floating-point operations a second. */
async function measureProducts(
  spec: ModelSpec,
  { threads, tokenBudget }: { readonly threads: number; readonly tokenBudget: number },
): Promise<number> {
  const [rows, inner, outer] = [
    Math.min(tokenBudget, 1024),
    Math.min(spec.hidden, LARGEST_PROBE_SIZE),
    Math.min(widthOfProducts(spec), LARGEST_PROBE_SIZE),
  ];
  const graph = new GraphBuilder('products');
  const x = graph.input('x', 'float32', [rows, inner]);
  const weights = new Float32Array(inner * outer).fill(0.01);
  const product = graph.linear(x, graph.constant(float32(weights, [outer, inner])));
  graph.output('y', graph.op('ReduceMax', [product], { keepdims: 0 }), []);
  await using session = await createSession(graph.build(), { threads });
  const feeds = { x: float32(new Float32Array(rows * inner).fill(0.5), [rows, inner]) };
  let best = Number.POSITIVE_INFINITY;
  const end = performance.now() + PROBE_MS;
  for (let i = 0; i < 3 || (i < PROBE_RUNS && performance.now() < end); i += 1) {
    const start = performance.now();
    await session.run(feeds, ['y']);
    best = Math.min(best, performance.now() - start);
  }
  return (2 * rows * inner * outer) / (best / 1000);
}
