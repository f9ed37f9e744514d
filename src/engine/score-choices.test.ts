import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadTokenizer, openCheckpoint, type PromptTokenizer } from '../checkpoint/index.ts';
import {
  continuationOf,
  gradeLikelihoods,
  type Item,
  splitAtChoice,
  type Task,
} from '../suite/index.ts';
import {
  type EngineCheckpoint,
  type LocalEngine,
  openLocalEngine,
  type ScorePrompt,
} from './index.ts';
import { tinyEngines } from './testing/tiny-engines.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

type Golden = {
  readonly checkpoint: string;
  readonly items: readonly {
    readonly id: string;
    readonly prompt: string;
    readonly target: string;
    readonly choices: readonly string[];
    readonly logLikelihoods: readonly number[];
    readonly acc: number;
    readonly accNorm: number;
  }[];
  readonly pairs: readonly {
    readonly context: string;
    readonly continuation: string;
    readonly logLikelihood: number;
  }[];
};

/** Of lm-evaluation-harness, by scripts/make-likelihood-goldens.py. */
const golden = JSON.parse(readFileSync(`${root}test/golden/likelihood.json`, 'utf8')) as Golden;

const task: Task = {
  ...{ name: 't', chance: 0, maxTokens: 1, stop: [], filter: null },
  grader: { type: 'loglikelihood' },
};

function encode(
  tokenizer: PromptTokenizer,
  id: string,
  pair: readonly [string, string],
): ScorePrompt {
  const { context, continuation } = splitAtChoice(...pair);
  const ids = tokenizer.encodePrompt(context + continuation);
  return { id, ids, from: tokenizer.encodePrompt(context).length };
}

async function scoresOf(engine: LocalEngine, prompts: readonly ScorePrompt[]): Promise<number[]> {
  const scores = new Map<string, number>();
  for await (const { id, logLikelihood } of engine.score(prompts)) scores.set(id, logLikelihood);
  return prompts.map(({ id }) => scores.get(id) ?? NaN);
}

/** Both sides sum float32 log-probabilities. */
const tolerance = 2e-4;

function expectClose(ours: readonly number[], theirs: readonly number[]): void {
  const worst = Math.max(...ours.map((each, i) => Math.abs(each - (theirs[i] ?? NaN))));
  expect(worst).toBeLessThan(tolerance);
}

describe('scoreChoices', () => {
  test('agrees with lm-evaluation-harness, and so do the grades', async () => {
    const checkpoint = await openCheckpoint(`${root}examples/tiny-olmo3/${golden.checkpoint}`);
    await using engine = await openLocalEngine(checkpoint);
    const tokenizer = await loadTokenizer(checkpoint);
    for (const { id, prompt, target, choices, logLikelihoods, acc, accNorm } of golden.items) {
      const none = { messages: null, group: null, meta: {}, task: 't' };
      const item: Item = { ...none, id, prompt, target: [target], choices };
      const prompts = choices.map((choice, i) =>
        encode(tokenizer, `${i}`, [prompt, continuationOf(task, prompt, choice)]),
      );
      const scores = await scoresOf(engine, prompts);
      expectClose(scores, logLikelihoods);
      expect({ id, ...gradeLikelihoods(item, scores) }).toEqual({ id, acc, acc_norm: accNorm });
    }
    const pairs = golden.pairs.map(({ context, continuation }, i) =>
      encode(tokenizer, `${i}`, [context, continuation]),
    );
    expectClose(
      await scoresOf(engine, pairs),
      golden.pairs.map(({ logLikelihood }) => logLikelihood),
    );
  });
});

const { open, checkpointOf } = tinyEngines();

describe('readings', () => {
  const idsOf = (...ids: number[]): Int32Array => Int32Array.from(ids);

  test('choices of one token share one, and pay for it once', async () => {
    await using engine = await open();
    const prompts = [20, 30, 40].map((last) => ({
      ...{ id: `${last}`, ids: idsOf(7, 8, 9, last), from: 3 },
    }));
    const costs: unknown[] = [];
    const together = new Map<string, number>();
    for await (const { id, logLikelihood, tokens, cost } of engine.score(prompts)) {
      together.set(id, logLikelihood);
      costs.push({ tokens, ...cost });
    }
    const [paid, free] = [3, 0].map((promptTokens) => ({
      ...{ tokens: 1, promptTokens, completionTokens: 0 },
    }));
    expect(costs).toEqual([paid, free, free]);
    for (const prompt of prompts) {
      expect(await scoresOf(engine, [prompt])).toEqual([together.get(prompt.id)]);
    }
  });

  test('do not depend on what else is read', async () => {
    await using engine = await open({}, { tokenBudget: 16 });
    const prompts = Array.from({ length: 9 }, (_, i) => ({
      ...{
        id: `${i}`,
        ids: Int32Array.from({ length: 4 + i }, (__, at) => 10 + at * (i + 1)),
        from: 2,
      },
    }));
    const all = await scoresOf(engine, prompts);
    expect(new Set(all).size).toBe(9);
    for (const [i, prompt] of prompts.entries()) {
      expectClose(await scoresOf(engine, [prompt]), [all[i]!]);
    }
  });

  test('longer than the context are refused by name', async () => {
    await using engine = await open({ contextLength: 8 });
    const prompts = [{ id: 'q, choice 2', ids: new Int32Array(9).fill(5), from: 3 }];
    await expect(scoresOf(engine, prompts)).rejects.toThrow('item `q, choice 2` has 9 tokens');
  });
});

test('choices are read of weights whose names have no prefix', async () => {
  const checkpoint = await checkpointOf();
  const tensors = new Map(
    [...checkpoint.tensors].map(([name, tensor]) => [name.replace(/^model\./, ''), tensor]),
  );
  const prompts = [{ id: 'q', ids: Int32Array.of(3, 4, 5, 6), from: 2 }];
  const scoreOf = async (of: EngineCheckpoint): Promise<number[]> => {
    await using engine = await openLocalEngine(of, { threads: 1 });
    const scores: number[] = [];
    for await (const { logLikelihood } of engine.score(prompts)) scores.push(logLikelihood);
    return scores;
  };
  expect(tensors.has('norm.weight')).toBe(true);
  expect(await scoreOf({ ...checkpoint, tensors })).toEqual(await scoreOf(checkpoint));
});
