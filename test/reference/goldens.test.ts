import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadTokenizer, openCheckpoint } from '../../src/checkpoint/index.ts';
import {
  int8Steps,
  type LocalEngine,
  openLocalEngine,
  type TokenisedPrompt,
} from '../../src/engine/index.ts';
import { readFloat32, readSafetensorsHeader, readTensor } from '../../src/safetensors/index.ts';
import { loadSuite } from '../../src/suite/index.ts';

const GOLDENS = fileURLToPath(new URL('../../../shared/data/goldens/', import.meta.url));
const FAMILIES = [
  ...['gemma2', 'gemma3_text', 'gpt2', 'gpt_neox', 'gpt_neox_sequential', 'llama', 'llama_rope3'],
  ...['mistral', 'olmo', 'olmo2', 'olmo3', 'olmo3_yarn', 'olmoe', 'phi3'],
  ...['qwen2', 'qwen3', 'qwen3_moe', 'smollm3'],
];
/** Relative L2 of a vector: float32 against float32 in another order of operations. */
const TOLERANCE = 1e-4;
/**
 * The same for int8, through all layers, with weights of eight bits; where a router is undecided, rounding chooses another
 * expert.
 */
const INT8_TOLERANCE = { dense: 0.06, mixture: 0.1 };
/** Several chunks, of one batch and of more, and a head in slices. */
const STREAMING = { chunkBytes: 2e6, headBytes: 5e5 };
const GREEDY_TOKENS = 8;

type Reference = {
  items: string[];
  last: Float32Array;
  mean: Float32Array;
  logits: Float32Array;
  greedy: number[][];
};

async function readReference(family: string): Promise<Reference> {
  const { tensors, metadata } = await readSafetensorsHeader(
    path.join(GOLDENS, family, 'reference.safetensors'),
  );
  const greedy = await readTensor(tensors.get('greedy_8')!);
  const ids =
    tensors.get('greedy_8')!.dtype === 'I64'
      ? Array.from(new BigInt64Array(greedy.buffer), Number)
      : Array.from(new Int32Array(greedy.buffer));
  const items = JSON.parse(metadata['items']!) as string[];
  expect(ids).toHaveLength(items.length * GREEDY_TOKENS);
  return {
    items,
    last: await readFloat32(tensors.get('last')!),
    mean: await readFloat32(tensors.get('mean')!),
    logits: await readFloat32(tensors.get('logits_last')!),
    greedy: items.map((_, i) => ids.slice(i * GREEDY_TOKENS, (i + 1) * GREEDY_TOKENS)),
  };
}

/** The largest relative L2 distance over vectors of `size`. */
function worstError(got: Float32Array, expected: Float32Array, size: number): number {
  expect(got.length).toBe(expected.length);
  let worst = 0;
  for (let at = 0; at < got.length; at += size) {
    let [difference, norm] = [0, 0];
    for (let i = at; i < at + size; i += 1) {
      difference += (got[i]! - expected[i]!) ** 2;
      norm += expected[i]! ** 2;
    }
    worst = Math.max(worst, Math.sqrt(difference / norm));
  }
  return worst;
}

/** Prompts behind one passage, as long as all of them together, and some of them as they are. */
function withPassage(prompts: readonly TokenisedPrompt[], context: number): TokenisedPrompt[] {
  const longest = Math.max(...prompts.map(({ ids }) => ids.length));
  const room = Math.min(160, context - longest);
  const passage = prompts.flatMap(({ ids }) => [...ids]).slice(0, room);
  const behind = prompts.map(({ id, ids }) => ({
    id: `${id} behind`,
    ids: Int32Array.from([...passage, ...ids]),
  }));
  return [...behind, ...prompts];
}

/** Each prompt as it is, and behind it the first of its greedy tokens, one more each time. */
function withGreedy(
  prompts: readonly TokenisedPrompt[],
  greedy: readonly (readonly number[])[],
): TokenisedPrompt[] {
  return Array.from({ length: GREEDY_TOKENS }, (_, more) =>
    prompts.map(({ id, ids }, i) => ({
      id: `${id} and ${more}`,
      ids: Int32Array.from([...ids, ...greedy[i]!.slice(0, more)]),
    })),
  ).flat();
}

type Extracted = {
  readonly last: Float32Array;
  readonly mean: Float32Array;
  readonly output: Float32Array;
  /** The likeliest token behind each prompt. */
  readonly next: readonly number[];
};

async function extractAll(
  engine: LocalEngine,
  prompts: readonly TokenisedPrompt[],
): Promise<Extracted> {
  const width = engine.layers * engine.hidden;
  const last = new Float32Array(prompts.length * width);
  const mean = new Float32Array(prompts.length * width);
  const output = new Float32Array(prompts.length * 4);
  const next: number[] = [];
  for await (const batch of engine.extract(prompts, {
    pool: ['last', 'mean', 'output', 'nextTokens'],
  })) {
    const candidates = batch.nextTokens!.length / batch.rows.length;
    for (const [i, row] of batch.rows.entries()) {
      last.set(batch.last!.subarray(i * width, (i + 1) * width), row * width);
      mean.set(batch.mean!.subarray(i * width, (i + 1) * width), row * width);
      output.set(batch.output!.subarray(i * 4, (i + 1) * 4), row * 4);
      next[row] = batch.nextTokens![i * candidates]!;
    }
  }
  return { last, mean, output, next };
}

/** The largest error of the states and outputs of the reference's prompts, which come first. */
function worstOf({ last, mean, output }: Extracted, reference: Reference, hidden: number): number {
  const prompts = reference.items.length;
  const vocabulary = reference.logits.length / prompts;
  const outputs = Float32Array.from(
    reference.items.flatMap((_, i) =>
      features(reference.logits.subarray(i * vocabulary, (i + 1) * vocabulary)),
    ),
  );
  return Math.max(
    worstError(last.subarray(0, reference.last.length), reference.last, hidden),
    worstError(mean.subarray(0, reference.mean.length), reference.mean, hidden),
    worstError(output.subarray(0, outputs.length), outputs, 4),
  );
}

/** Entropy and the three largest probabilities, in float64. */
function features(logits: Float32Array): number[] {
  const largest = Math.max(...logits);
  const weights = Array.from(logits, (logit) => Math.exp(logit - largest));
  const total = weights.reduce((sum, each) => sum + each, 0);
  const probabilities = weights.map((each) => each / total);
  const entropy = probabilities.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);
  return [entropy, ...probabilities.sort((a, b) => b - a).slice(0, 3)];
}

async function openGolden(family: string) {
  const checkpoint = await openCheckpoint(path.join(GOLDENS, family));
  const tokenizer = await loadTokenizer(checkpoint);
  const suite = await loadSuite(path.join(GOLDENS, 'suite'));
  const reference = await readReference(family);
  const prompts = reference.items.map((id) => {
    const item = suite.items.find((each) => each.id === id)!;
    return { id, ids: tokenizer.encodePrompt(item.prompt!) };
  });
  return { checkpoint, tokenizer, reference, prompts };
}

describe.each(FAMILIES)('%s', (family) => {
  let opened: ReturnType<typeof openGolden> | null = null;
  const open = (): ReturnType<typeof openGolden> => (opened ??= openGolden(family));

  test.each([
    { prefixSharing: 'never', streaming: null },
    { prefixSharing: 'always', streaming: null },
    { prefixSharing: 'never', streaming: STREAMING },
    { prefixSharing: 'always', streaming: STREAMING },
  ] as const)('states and greedy tokens, %j', async (options) => {
    const { checkpoint, reference, prompts } = await open();
    await using engine = await openLocalEngine(checkpoint, {
      threads: 1,
      tokenBudget: 1024,
      ...options,
    });
    const all = withGreedy(prompts, reference.greedy);
    const isShared = options.prefixSharing === 'always' && options.streaming === null;
    expect(engine.plan(all).prefixes.length > 0).toBe(isShared);
    const got = await extractAll(engine, all);
    expect(worstOf(got, reference, engine.hidden)).toBeLessThan(TOLERANCE);
    const { length } = prompts;
    expect(
      prompts.map((_, i) => all.flatMap((_, row) => (row % length === i ? got.next[row] : []))),
    ).toEqual(reference.greedy);
  });

  test.each([
    { tokenBudget: 64, prefixSharing: 'never' },
    { tokenBudget: 64, prefixSharing: 'always' },
    { tokenBudget: 4096, prefixSharing: 'always' },
    { tokenBudget: 64, streaming: { chunkBytes: 2e5, headBytes: 1e5 } },
  ] as const)('states in small and large batches, %j', async (options) => {
    const { checkpoint, reference, prompts } = await open();
    await using engine = await openLocalEngine(checkpoint, options);
    const got = await extractAll(engine, prompts);
    expect(worstOf(got, reference, engine.hidden)).toBeLessThan(TOLERANCE);
  });

  test.each([{}, { streaming: STREAMING }])('states in int8, %j', async (options) => {
    const { checkpoint, reference, prompts } = await open();
    const settings = { tokenBudget: 512, precision: 'int8', ...options } as const;
    await using engine = await openLocalEngine(checkpoint, settings);
    const { last, mean } = await extractAll(engine, prompts);
    const worst = Math.max(
      worstError(last, reference.last, engine.hidden),
      worstError(mean, reference.mean, engine.hidden),
    );
    expect(worst).toBeGreaterThan(TOLERANCE);
    const kind = family.includes('moe') ? 'mixture' : 'dense';
    // Where the processor leaves weights fewer steps, errors are as much larger.
    expect(worst).toBeLessThan((INT8_TOLERANCE[kind] * 127) / (await int8Steps()));
  });

  test('prompts behind one passage, shared and not', async () => {
    const { checkpoint, reference, prompts } = await open();
    const all = withPassage(prompts, checkpoint.contextLength ?? 512);
    await using apart = await openLocalEngine(checkpoint, { threads: 1, prefixSharing: 'never' });
    await using shared = await openLocalEngine(checkpoint, { threads: 1, prefixSharing: 'paying' });
    expect(shared.plan(all).prefixes.length).toBeGreaterThan(0);
    expect(apart.plan(all).prefixes).toEqual([]);
    const [expected, got] = [await extractAll(apart, all), await extractAll(shared, all)];
    const worst = {
      last: worstError(got.last, expected.last, shared.hidden),
      mean: worstError(got.mean, expected.mean, shared.hidden),
      output: worstError(got.output, expected.output, 4),
      golden: worstError(
        got.last.subarray(expected.last.length / 2),
        reference.last,
        shared.hidden,
      ),
    };
    expect(worst.golden).toBeLessThan(TOLERANCE);
    expect(Math.max(worst.last, worst.mean, worst.output)).toBeLessThan(1e-5);
  });

  test('greedy tokens with caches', async () => {
    const { checkpoint, tokenizer, reference, prompts } = await open();
    // Ids as text and no end: what is compared are tokens.
    const decode = (ids: ArrayLike<number>): string => Array.from(ids).join(' ');
    await using engine = await openLocalEngine(checkpoint, {
      tokenizer: { decode, vocabularySize: tokenizer.vocabularySize, eosTokenIds: [] },
    });
    const answers = new Map<string, string>();
    for await (const { id, answers: sampled } of engine.sample(
      prompts.map((prompt) => ({ ...prompt, maxTokens: 8, stop: [] })),
      { samples: 2, temperature: 0, topP: 1, seed: 0 },
    )) {
      expect(sampled[1]).toBe(sampled[0]);
      answers.set(id, sampled[0]!);
    }
    expect(reference.items.map((id) => answers.get(id))).toEqual(
      reference.greedy.map((ids) => ids.join(' ')),
    );
  });
});
