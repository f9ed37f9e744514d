import { describe, expect, test } from 'vitest';
import type { Checkpoint } from '../checkpoint/index.ts';
import { readModelSpec } from '../model/index.ts';
import { runNaively } from '../model/testing/naive-model.ts';
import { TINY_FAMILIES } from '../model/testing/tiny-families.ts';
import { readFloat32 } from '../safetensors/index.ts';
import { type LocalEngine, openLocalEngine, type TokenisedPrompt } from './index.ts';
import { tinyEngines } from './testing/tiny-engines.ts';

const { checkpointOf } = tinyEngines();

const prompts: TokenisedPrompt[] = [9, 2, 17, 1].map((length) => ({
  id: `q${length}`,
  ids: Int32Array.from({ length }, (_, i) => 2 + ((i * 37 + length * 11) % 200)),
}));

const asIds = {
  decode: (ids: ArrayLike<number>): string => Array.from(ids).join(' '),
  vocabularySize: 270,
  eosTokenIds: [],
};

async function weightsOf({ tensors }: Checkpoint): Promise<Map<string, Float32Array>> {
  const entries = [...tensors.values()].map(
    async (tensor) => [tensor.name, await readFloat32(tensor)] as const,
  );
  return new Map(await Promise.all(entries));
}

/** Of the prompts in order, (layers, hidden) at the last token and the mean over tokens. */
async function pooled(engine: LocalEngine, layers: readonly number[]) {
  const rows: { last: number[]; mean: number[] }[] = [];
  const width = layers.length * engine.hidden;
  for await (const batch of engine.extract(prompts, { pool: ['last', 'mean'], layers })) {
    for (const [i, row] of batch.rows.entries()) {
      const cut = (data: Float32Array) => [...data.subarray(i * width, (i + 1) * width)];
      rows[row] = { last: cut(batch.last!), mean: cut(batch.mean!) };
    }
  }
  return rows;
}

async function greedy(engine: LocalEngine, asked: readonly TokenisedPrompt[], maxTokens: number) {
  const answers = new Map<string, number[]>();
  const options = { samples: 2, temperature: 0, topP: 1, seed: 0 };
  const full = asked.map((prompt) => ({ ...prompt, maxTokens, stop: [] }));
  for await (const { id, answers: found } of engine.sample(full, options)) {
    answers.set(id, found[0]!.split(' ').map(Number));
  }
  return asked.map(({ id }) => answers.get(id)!);
}

function expectClose(got: readonly number[], expected: readonly number[]): void {
  expect(got).toHaveLength(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  for (const [i, value] of expected.entries()) {
    expect(Math.abs(got[i]! - value)).toBeLessThan(5e-5 * scale);
  }
}

describe.each(TINY_FAMILIES)('$name', ({ model }) => {
  const open = async () => {
    const checkpoint = await checkpointOf({ model, dtype: 'F32' });
    const weights = await weightsOf(checkpoint);
    return {
      checkpoint,
      naive: (ids: ArrayLike<number>) =>
        runNaively(readModelSpec(model.config, '/model'), weights, Array.from(ids)),
    };
  };
  const engineOf = (checkpoint: Checkpoint) =>
    openLocalEngine(checkpoint, { threads: 1, tokenizer: asIds });

  test('states and greedy tokens of mixed batches are those of plain loops', async () => {
    const { checkpoint, naive } = await open();
    await using engine = await engineOf(checkpoint);
    const layers = Array.from({ length: engine.layers }, (_, i) => i);
    for (const [i, { last, mean }] of (await pooled(engine, layers)).entries()) {
      const { states } = naive(prompts[i]!.ids);
      expectClose(
        last,
        states.flatMap((rows) => rows[rows.length - 1]!),
      );
      const means = states.flatMap((rows) =>
        rows[0]!.map((_, d) => rows.reduce((sum, row) => sum + row[d]!, 0) / rows.length),
      );
      expectClose(mean, means);
    }
    for (const [i, tokens] of (await greedy(engine, prompts, 12)).entries()) {
      const { ids } = prompts[i]!;
      const { logits } = naive([...ids, ...tokens]);
      for (const [step, token] of tokens.entries()) {
        const next = logits[ids.length - 1 + step]!;
        expect(next[token]!).toBeGreaterThan(Math.max(...next) - 1e-4);
      }
      expect(tokens).toHaveLength(12);
    }
  });

  test('parameters are counted without embeddings, positions and head', async () => {
    const { facts } = await checkpointOf({ model });
    const { embedding, head } = readModelSpec(model.config, '/model');
    const apart = [embedding.table, embedding.positions?.table, head.weight];
    const count = (shapes: typeof model.shapes) =>
      shapes.reduce((sum, [, shape]) => sum + shape.reduce((a, b) => a * b), 0);
    expect(facts).toMatchObject({
      params: count(model.shapes),
      paramsNonEmbedding: count(model.shapes.filter(([name]) => !apart.includes(name))),
    });
  });

  test('early exit and states of tokens agree with the whole depth', async () => {
    await using engine = await engineOf((await open()).checkpoint);
    const all = await pooled(engine, [0, 1, 2, 3]);
    for (const layers of [[0], [1], [0, 2]]) {
      for (const [i, { last }] of (await pooled(engine, layers)).entries()) {
        const { hidden } = engine;
        const cut = (l: number) => all[i]!.last.slice(l * hidden, (l + 1) * hidden);
        expectClose(last, layers.flatMap(cut));
      }
    }
    const from = Int32Array.from(prompts, ({ ids }) => ids.length - 1);
    for await (const { rows, values } of engine.extractTokens(prompts, { layers: [1, 3], from })) {
      const width = 2 * engine.hidden;
      for (const [i, row] of rows.entries()) {
        const cut = (l: number) => all[row]!.last.slice(l * engine.hidden, (l + 1) * engine.hidden);
        expectClose([...values.subarray(i * width, (i + 1) * width)], [...cut(1), ...cut(3)]);
      }
    }
  });

  test('the head says how likely the prompt is, and what follows', async () => {
    const { checkpoint, naive } = await open();
    await using engine = await engineOf(checkpoint);
    const first = new Int32Array(prompts.length);
    for await (const batch of engine.extract(prompts, {
      pool: ['nextTokens', 'likelihood'],
      first,
    })) {
      for (const [i, row] of batch.rows.entries()) {
        const ids = Array.from(prompts[row]!.ids);
        const after = naive(ids).logits.map(logProbabilities);
        const next = after[ids.length - 1]!;
        const [token, probability] = [batch.nextTokens![16 * i]!, batch.nextTokens![16 * i + 8]!];
        expectClose([probability], [Math.exp(next[token]!)]);
        expectClose([probability], [Math.exp(Math.max(...next))]);
        const scores = ids.slice(1).map((id, t) => after[t]![id]!);
        const mean = scores.reduce((sum, each) => sum + each, 0) / Math.max(1, scores.length);
        expectClose([batch.likelihood![4 * i]!], [mean]);
      }
    }
  });
});

function logProbabilities(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
  return logits.map((logit) => logit - largest - Math.log(total));
}
