import { expect, test } from 'vitest';
import { readModelSpec } from '../model/index.ts';
import { type AnswerMode, chooseAnswerMode } from './index.ts';

/** 30 layers of 576 with a vocabulary of 49,152: 1.35e8 weights. */
const smollm2 = readModelSpec(
  {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: 576,
    intermediate_size: 1536,
    num_hidden_layers: 30,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    vocab_size: 49_152,
    max_position_embeddings: 8192,
    rms_norm_eps: 1e-5,
    rope_theta: 100_000,
    tie_word_embeddings: true,
  },
  'config.json',
);

type Limits = Partial<Parameters<typeof chooseAnswerMode>[1]>;

const choose = (limits: Limits): AnswerMode =>
  chooseAnswerMode(
    { id: 'run/step1', spec: smollm2 },
    { kind: 'sample', free: 16e9, threads: 2, ...limits },
  );

test('sampling takes the weights twice, and caches of what is left', () => {
  expect(choose({})).toEqual({
    ...{ threads: 2, batchTokens: 1024 },
    // Measured: 2.13e9 with 32 answers of 6 tokens to each of 16 questions.
    memoryBytes: expect.toSatisfy((bytes: number) => bytes > 2.2e9 && bytes < 2.7e9) as number,
    text: 'answers are sampled, 2 threads, 1,024 tokens a batch: weights 0.59 GB, twice, of 16 GB free',
    options: { device: 'cpu', threads: 2, tokenBudget: 1024, memoryBytes: 2 ** 30 },
  });
  const within = choose({ memoryBytes: 1.6e9, threads: 1 });
  expect(within.memoryBytes).toBeLessThanOrEqual(1.6e9);
  expect(within.text).toBe(
    'answers are sampled, 1 thread, 1,024 tokens a batch: weights 0.59 GB, twice, of 1.6 GB allowed (--memory)',
  );
  expect(within.options.memoryBytes).toBeLessThan(2 ** 28);
});

test('choices take them once', () => {
  expect(choose({ kind: 'score', memoryBytes: 1e9, batchTokens: 300, device: 'cuda' })).toEqual({
    ...{ threads: 2, batchTokens: 300 },
    memoryBytes: expect.toSatisfy((bytes: number) => bytes > 8e8 && bytes < 1e9) as number,
    text: 'choices are read on cuda, 2 threads, 300 tokens a batch: weights 0.59 GB of 1.0 GB allowed (--memory)',
    options: { device: 'cuda', threads: 2, tokenBudget: 300 },
  });
});

test('smaller batches before it is refused, and only what was asked for is refused', () => {
  const { memoryBytes } = choose({ memoryBytes: 1.46e9 });
  expect(choose({ memoryBytes: 1.46e9 }).batchTokens).toBe(512);
  expect(memoryBytes).toBeLessThanOrEqual(1.46e9);
  expect(() => choose({ memoryBytes: 5e8 })).toThrow(
    /^--memory: expected at least 1\.4 GB for answers of `run\/step1` with 128 tokens a batch, got 0\.50 GB; all its weights are in memory then: allow more, or ask a server that has it with --server$/,
  );
  expect(choose({ free: 5e8 })).toMatchObject({ batchTokens: 128 });
});
