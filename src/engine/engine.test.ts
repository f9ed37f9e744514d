import { open as openFile, truncate } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { loadTokenizer } from '../checkpoint/index.ts';
import { type TinyCheckpointOptions } from '../checkpoint/testing/tiny-checkpoint.ts';
import { readModelSpec } from '../model/index.ts';
import {
  estimatePass,
  type LocalEngine,
  openLocalEngine,
  type SamplePrompt,
  type TokenisedPrompt,
} from './index.ts';
import { tinyEngines } from './testing/tiny-engines.ts';

const { checkpointOf, open } = tinyEngines();

const prompt = (id: string, length: number): TokenisedPrompt => ({
  id,
  ids: Int32Array.from({ length }, (_, i) => 2 + ((i * 37 + length * 11) % 200)),
});
const prompts = [3, 40, 1, 17, 18, 29, 5].map((length) => prompt(`q${length}`, length));

/** Rows of all batches in the order of the prompts. */
async function collect(
  engine: LocalEngine,
  options: Partial<Parameters<LocalEngine['extract']>[1]> = {},
) {
  const rows = prompts.map(() => ({
    last: [] as number[],
    mean: [] as number[],
    output: [] as number[],
  }));
  const batches: number[] = [];
  for await (const batch of engine.extract(prompts, {
    pool: ['last', 'mean', 'output'],
    ...options,
  })) {
    batches.push(batch.batch);
    for (const pool of ['last', 'mean', 'output'] as const) {
      const data = batch[pool];
      const width = (data?.length ?? 0) / batch.rows.length;
      for (const [i, row] of batch.rows.entries()) {
        rows[row]![pool] = [...(data ?? []).slice(i * width, (i + 1) * width)];
      }
    }
  }
  return { rows, batches };
}

function expectClose(got: readonly number[], expected: readonly number[]): void {
  expect(got).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(Math.abs(got[i]! - value)).toBeLessThan(2e-5);
}

const SHAPES: TinyCheckpointOptions[] = [
  { family: 'llama', hidden: 16 },
  { family: 'llama', hidden: 64, tied: true, dtype: 'F16', shards: 2 },
  { family: 'qwen3', hidden: 32, dtype: 'F32' },
  { family: 'olmo3', hidden: 16, layers: 4 },
  { family: 'olmo3', hidden: 64, layers: 4 },
];

describe.each(SHAPES)('states of %j', (shape) => {
  test('do not depend on the batches, and layers can be taken apart', async () => {
    await using engine = await open(shape);
    const together = await collect(engine);
    await using small = await open(shape, { tokenBudget: 1 });
    const alone = await collect(small);
    expect(alone.batches).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const [i, row] of together.rows.entries()) {
      expect(row.last).toHaveLength(engine.layers * engine.hidden);
      for (const pool of ['last', 'mean', 'output'] as const) {
        expectClose(alone.rows[i]![pool], row[pool]);
      }
    }
    const layers = [0, engine.layers - 2];
    const some = await collect(engine, { pool: ['mean'], layers });
    for (const [i, row] of some.rows.entries()) {
      expect(row.last).toEqual([]);
      const expected = layers.flatMap((layer) =>
        together.rows[i]!.mean.slice(layer * engine.hidden, (layer + 1) * engine.hidden),
      );
      expectClose(row.mean, expected);
    }
  });

  test('a cached decode says what reading the whole text again says', async () => {
    const ids = {
      decode: (each: ArrayLike<number>) => Array.from(each).join(' '),
      eosTokenIds: [],
    };
    await using engine = await open(
      { ...shape, contextLength: 256 },
      {
        tokenizer: { ...ids, vocabularySize: 200 },
      },
    );
    const greedy = { samples: 1, temperature: 0, topP: 1, seed: 0 };
    const next = async (asked: readonly TokenisedPrompt[], maxTokens: number) => {
      const answers = new Map<string, string>();
      const full = asked.map((each) => ({ ...each, maxTokens, stop: [] }));
      for await (const answer of engine.sample(full, greedy)) {
        answers.set(answer.id, answer.answers[0]!);
      }
      return asked.map(({ id }) => answers.get(id)!);
    };
    const cached = await next(prompts, 36);
    let texts: TokenisedPrompt[] = prompts;
    for (let step = 0; step < 36; step += 1) {
      const tokens = await next(texts, 1);
      texts = texts.map(({ id, ids: before }, i) => ({
        id,
        ids: Int32Array.from([...before, Number(tokens[i])]),
      }));
    }
    expect(cached).toEqual(
      texts.map((text, i) => text.ids.subarray(prompts[i]!.ids.length).join(' ')),
    );
  });
});

describe('extract', () => {
  test('leaves out batches that are there already, in a plan that stays the same', async () => {
    await using engine = await open({}, { tokenBudget: 32 });
    const whole = await collect(engine);
    const rest = await collect(engine, { skipBatches: new Set([0, 2]) });
    expect(rest.batches).toEqual(whole.batches.filter((batch) => batch !== 0 && batch !== 2));
    for (const [i, row] of rest.rows.entries()) {
      if (row.last.length > 0) expect(row).toEqual(whole.rows[i]);
    }
  });

  test.each([
    ['an empty prompt', prompt('q0', 0), 'the prompt of item `q0` has no token'],
    [
      'a prompt that is too long',
      prompt('long', 129),
      "prompt longer than the model's context: item `long` has 129 tokens, the model was made for 128",
    ],
    [
      'a token that the model lacks',
      { id: 'odd', ids: Int32Array.of(5, 1e6) },
      'item `odd` holds token 1000000',
    ],
  ])('refuses %s before any work', async (_, bad, message) => {
    await using engine = await open();
    const all = engine.extract([prompt('q1', 4), bad], { pool: ['last'] });
    await expect(all[Symbol.asyncIterator]().next()).rejects.toThrow(message);
  });

  test.each([
    [{ pool: [] }, 'expected at least one pooling'],
    [{ pool: ['last' as const], layers: [] }, 'expected at least one layer'],
    [
      { pool: ['last' as const], layers: [1, 1] },
      'expected layers from 0 to 2, ascending, got 1,1',
    ],
    [{ pool: ['last' as const], layers: [3] }, 'expected layers from 0 to 2, ascending, got 3'],
  ])('refuses %j', async (options, message) => {
    await using engine = await open();
    const all = engine.extract(prompts, options);
    await expect(all[Symbol.asyncIterator]().next()).rejects.toThrow(message);
  });

  test('names checkpoint, layer and item where states are not finite', async () => {
    const checkpoint = await checkpointOf();
    const { file, offset } = checkpoint.tensors.get('model.layers.0.mlp.down_proj.weight')!;
    const weights = await openFile(file, 'r+');
    await weights.write(Uint8Array.of(0xc0, 0x7f), 0, 2, offset);
    await weights.close();
    await using engine = await openLocalEngine(checkpoint);
    const next = (pool: 'mean' | 'output' | 'likelihood') =>
      engine
        .extract(prompts.slice(0, 1), { pool: [pool], first: Int32Array.of(2) })
        [Symbol.asyncIterator]()
        .next();
    await expect(next('mean')).rejects.toThrow(
      `\`${checkpoint.id}\`: expected finite hidden states, got NaN at layer 1 of item \`q3\`; ` +
        'the weights hold NaN or infinity, or the model overflows float32',
    );
    await expect(next('output')).rejects.toThrow(
      'expected finite outputs, got NaN after the prompt of item `q3`',
    );
    await expect(next('likelihood')).rejects.toThrow(
      'expected finite outputs, got NaN in the prompt of item `q3`',
    );
    const asked = prompts.slice(0, 1).map((each) => ({ ...each, maxTokens: 1, stop: [] }));
    const sampled = engine.sample(asked, { samples: 1, temperature: 0, topP: 1, seed: 0 });
    await expect(sampled[Symbol.asyncIterator]().next()).rejects.toThrow(
      'expected finite logits, got NaN or infinity in the batch of items `q3`',
    );
  });
});

describe('sample', () => {
  const questions: SamplePrompt[] = prompts.map((each) => ({ ...each, maxTokens: 5, stop: ['e'] }));
  const options = { samples: 12, temperature: 1.5, topP: 0.9, seed: 7 };
  const answersOf = async (
    engine: LocalEngine,
    asked: readonly SamplePrompt[],
    change: Partial<typeof options> = {},
  ) => {
    const answers: Record<string, readonly string[]> = {};
    for await (const each of engine.sample(asked, { ...options, ...change })) {
      answers[each.id] = each.answers;
    }
    return answers;
  };

  test('draws depend on seed, item and sample number alone', async () => {
    const checkpoint = await checkpointOf();
    await using engine = await openLocalEngine(checkpoint);
    await using narrow = await openLocalEngine(checkpoint, {
      tokenBudget: 20,
      memoryBytes: 30_000,
    });
    const all = await answersOf(engine, questions);
    expect(await answersOf(engine, questions)).toEqual(all);
    expect(await answersOf(narrow, questions.toReversed())).toEqual(all);
    const some = await answersOf(narrow, questions.slice(2, 4), { samples: 5 });
    for (const [id, answers] of Object.entries(some)) expect(answers).toEqual(all[id]!.slice(0, 5));
    expect(await answersOf(engine, questions, { seed: 8 })).not.toEqual(all);
    expect(new Set(Object.values(all).flat()).size).toBeGreaterThan(20);
    expect(
      Object.values(all)
        .flat()
        .some((answer) => answer.includes('e')),
    ).toBe(false);
  });

  test('as often as the model says', async () => {
    const tokenizer = {
      decode: (ids: ArrayLike<number>) => Array.from(ids).join(' '),
      vocabularySize: 1e6,
      eosTokenIds: [],
    };
    await using engine = await open({ seed: 4 }, { tokenizer });
    const one = [{ ...prompt('q', 9), maxTokens: 1, stop: [] }];
    let largest = 0;
    for await (const { output } of engine.extract(one, { pool: ['output'] })) largest = output![1]!;
    const counts = new Map<string, number>();
    const { q } = await answersOf(engine, one, { samples: 20_000, temperature: 1, topP: 1 });
    for (const answer of q!) counts.set(answer, (counts.get(answer) ?? 0) + 1);
    const share = Math.max(...counts.values()) / 20_000;
    expect(Math.abs(share - largest)).toBeLessThan(5 * Math.sqrt(largest / 20_000));
  });

  test.each([0, 1])(
    'rows of the head beyond the vocabulary are no tokens (temperature %d)',
    async (temperature) => {
      const seen = new Set<number>();
      const decode = (ids: ArrayLike<number>): string => {
        for (const id of Array.from(ids)) seen.add(id);
        return '';
      };
      const tokenizer = { decode, vocabularySize: 5, eosTokenIds: [] };
      await using engine = await open({}, { tokenizer });
      const long = questions.map((each) => ({ ...each, stop: [], maxTokens: 20 }));
      await answersOf(engine, long, { temperature, topP: 1 });
      expect(Math.max(...seen)).toBeLessThan(5);
      expect(seen.size).toBeGreaterThan(1);
    },
  );

  test.each([
    [{ samples: 0 }, 'expected `samples` to be a whole number from 1, got 0'],
    [{ temperature: Number.NaN }, 'expected `temperature` to be 0 or above, got NaN'],
    [{ topP: 0 }, 'expected `topP` to be above 0 and at most 1, got 0'],
    [{ seed: 0.5 }, 'expected `seed` to be a whole number, got 0.5'],
  ])('refuses %j', async (change, message) => {
    await using engine = await open();
    await expect(answersOf(engine, questions, change)).rejects.toThrow(message);
  });

  test('needs room for the answer', async () => {
    await using engine = await open();
    const long = [{ ...prompt('long', 120), maxTokens: 9, stop: [] }];
    await expect(answersOf(engine, long)).rejects.toThrow(
      'item `long` has 120 tokens and asks for up to 9 more, the model was made for 128',
    );
    const none = [{ ...prompt('q', 3), maxTokens: 0, stop: [] }];
    await expect(answersOf(engine, none)).rejects.toThrow(
      'expected `maxTokens` of item `q` to be a whole number from 1, got 0',
    );
  });

  test('text comes from the tokenizer of the checkpoint', async () => {
    const checkpoint = await checkpointOf({ seed: 2 });
    const tokenizer = await loadTokenizer(checkpoint);
    await using engine = await openLocalEngine(checkpoint);
    await using same = await openLocalEngine(checkpoint, { tokenizer });
    const asked = questions.slice(0, 2);
    expect(await answersOf(engine, asked)).toEqual(await answersOf(same, asked));
  });
});

test('weights that went away since they were checked are named', async () => {
  const checkpoint = await checkpointOf();
  await using engine = await openLocalEngine(checkpoint);
  const { file } = checkpoint.tensors.get('model.norm.weight')!;
  await truncate(file, 100);
  const next = () =>
    engine
      .extract(prompts, { pool: ['last'] })
      [Symbol.asyncIterator]()
      .next();
  await expect(next()).rejects.toThrow(
    /expected weights of at least \d+ bytes, found 100 \(in .*model\.safetensors\); the checkpoint changed/,
  );
});

test('openLocalEngine refuses a model that is not understood', async () => {
  const checkpoint = await checkpointOf({ config: { clip_qkv: 8 } });
  await expect(openLocalEngine(checkpoint)).rejects.toThrow('expected `clip_qkv` to be null');
});

test('estimatePass measures this machine', async () => {
  const { config, dir } = await checkpointOf();
  const estimate = await estimatePass(readModelSpec(config, dir), { threads: 1 });
  expect(estimate.how).toMatch(/^products measured at \d+ GFLOPS on 1 threads$/);
  expect(estimate.secondsPer1000Tokens).toBeGreaterThan(0);
  expect(estimate.secondsPer1000Tokens).toBeLessThan(1);
  expect(estimate.memoryBytes).toBeGreaterThan(150e6);
  expect(estimate.memoryBytes).toBeLessThan(160e6);
  const wide = readModelSpec({ ...config, vocab_size: 1e6 }, dir);
  const { memoryBytes } = await estimatePass(wide, { threads: 1 });
  // Embedding and head of width 16, and 8 rows of logits at once, not those of all tokens.
  expect(memoryBytes - estimate.memoryBytes).toBeGreaterThan(16e6 * (2 + 4) + 4 * 8e6);
  expect(memoryBytes - estimate.memoryBytes).toBeLessThan(16e6 * (2 + 4) + 5 * 4 * 8.5e6);
});
