import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { readModelSpec } from '../model/index.ts';
import { choosePassMode, type PassMode } from './index.ts';

/** 32 layers of 4,096 with a vocabulary of 100,278: 7.3e9 weights. */
const olmo7b = readModelSpec(
  {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: 4096,
    intermediate_size: 11_008,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    num_key_value_heads: 32,
    vocab_size: 100_278,
    max_position_embeddings: 4096,
    rms_norm_eps: 1e-6,
    rope_theta: 500_000,
    tie_word_embeddings: false,
  },
  'config.json',
);

type Limits = Partial<Parameters<typeof choosePassMode>[1]>;

const choose = (limits: Limits): PassMode =>
  choosePassMode({ id: 'run/step1', spec: olmo7b }, { precision: 'f32', free: 64e9, ...limits });

test('all weights in memory where they fit', () => {
  expect(choose({ threads: 2 })).toEqual({
    ...{ mode: 'resident', threads: 2, batchTokens: 1024 },
    memoryBytes: expect.toSatisfy((bytes: number) => bytes > 29e9 && bytes < 32e9) as number,
    text: 'resident, 2 threads, 1,024 tokens a batch: weights 28 GB of 64 GB free',
    options: { device: 'cpu', threads: 2, tokenBudget: 1024, memoryBytes: 2 ** 30 },
  });
  expect(choose({ threads: 2, batchTokens: 300 })).toMatchObject({
    text: 'resident, 2 threads, 300 tokens a batch: weights 28 GB of 64 GB free',
    options: { tokenBudget: 300 },
  });
  const int8 = choose({ threads: 1, precision: 'int8', memoryBytes: 20e9 });
  expect(int8).toMatchObject({
    mode: 'resident',
    text: 'resident, 1 thread, 1,024 tokens a batch: weights 8.9 GB of 20 GB allowed (--memory)',
  });
  expect(choose({}).threads).toBe(availableParallelism());
});

test('smaller batches, and smaller caches, before weights are streamed', () => {
  const whole = choose({}).memoryBytes;
  expect(choose({ memoryBytes: whole })).toMatchObject({
    batchTokens: 1024,
    options: { memoryBytes: 2 ** 26 },
  });
  expect(choose({ memoryBytes: whole - 1 })).toMatchObject({ mode: 'resident', batchTokens: 512 });
});

test('layer by layer where they do not fit, with what is left for waiting states', () => {
  const mode = choose({ threads: 2, memoryBytes: 2e9 });
  const { batchTokens, options } = mode;
  expect(mode).toMatchObject({
    mode: 'streamed',
    text: `streamed layer by layer, 2 threads, ${batchTokens.toLocaleString('en')} tokens a batch: weights 28 GB and a batch do not fit into 2.0 GB allowed (--memory)`,
    options: { threads: 2, tokenBudget: batchTokens },
  });
  expect(batchTokens).toBeGreaterThanOrEqual(1024);
  expect(options.streaming!.chunkBytes).toBeGreaterThan(0.3 * 2e9);
  expect(mode.memoryBytes).toBeLessThanOrEqual(2e9);
  expect(choose({ threads: 2, free: 16e9 }).text).toBe(
    'streamed layer by layer, 2 threads, 4,096 tokens a batch: weights 28 GB and a batch do not fit into 16 GB free',
  );
});

test('less than a layer takes is refused where it was asked for, and tried where it is all there is', () => {
  expect(() => choose({ memoryBytes: 4e8 })).toThrow(
    /^--memory: expected at least 0\.\d+ GB for a pass over `run\/step1`, one layer at a time and 128 tokens a batch, got 0\.40 GB; allow more, or fewer tokens with --batch-tokens$/,
  );
  expect(choose({ free: 4e8 })).toMatchObject({ mode: 'streamed', batchTokens: 128 });
});

test('a prompt of more tokens than a batch takes memory as one', () => {
  const whole = choose({}).memoryBytes;
  const longer = choose({ longest: 8192 });
  expect([longer.batchTokens, longer.memoryBytes > whole]).toEqual([1024, true]);
  expect(choose({ longest: 1024 }).memoryBytes).toBe(whole);
  expect(choose({ memoryBytes: whole, longest: 8192 }).mode).toBe('streamed');
  expect(() => choose({ memoryBytes: 1e9, longest: 100_000 })).toThrow(
    /one layer at a time and a prompt of 100000 tokens, got 1\.0 GB; allow more$/,
  );
});

test('a GPU is named, and has no products of whole numbers', () => {
  expect(choose({ threads: 2, device: 'webgpu' })).toMatchObject({
    text: 'resident on webgpu, 2 threads, 1,024 tokens a batch: weights 28 GB of 64 GB free',
    options: { device: 'webgpu', threads: 2, tokenBudget: 1024 },
  });
  expect(() => choose({ device: 'cuda', precision: 'int8' })).toThrow(
    '--precision: expected f32 with --device cuda, got int8; only the processor has products of whole numbers here',
  );
});
