import { float32, type Tensor } from '../../graph/index.ts';
import {
  buildPrefill,
  cacheNames,
  type ModelSpec,
  NEXT_VALUES,
  prefillFeeds,
} from '../../model/index.ts';
import type { LoadedModel } from '../loaded-model.ts';
import type { PassPlan, PlannedBatch } from '../plan-pass.ts';
import type { TokenisedPrompt } from '../provider.ts';
import { type PlacedOutputs, SharedPass } from '../shared-pass.ts';
import type { AskedNext } from './asked-next.ts';

/** Of a group of prompts: `next` (prompts, tokens) as asked for, and the caches of `cacheNames`, one row a prompt. */
export type Prefilled = Readonly<Record<string, Tensor>>;

/** Reads the batches of a group and gathers what decoding needs of them, prompts in the order of the batches. */
export type PrefillGroup = (batches: readonly PlannedBatch[]) => Promise<Prefilled>;

export type PrefillRequest = {
  readonly prompts: readonly TokenisedPrompt[];
  readonly plan: PassPlan;
  /** Most tokens of a run. */
  readonly tokenBudget: number;
  readonly next: AskedNext;
};

export async function openPrefill(
  model: LoadedModel,
  request: PrefillRequest,
): Promise<PrefillGroup> {
  const run = await openRuns(model, request);
  const { spec } = model;
  return async (batches) => {
    const rows = batches.flatMap((batch) => [...batch.rows]);
    const lengths = rows.map((row) => request.prompts[row]!.ids.length);
    const gathered = new GatheredPrompts(spec, lengths, request.next.known);
    let at = 0;
    for (const batch of batches) {
      gathered.take(await run(batch), at, batch.rows.length);
      at += batch.rows.length;
    }
    return gathered.tensors();
  };
}

type Runs = (batch: PlannedBatch) => Promise<PlacedOutputs>;

async function openRuns(model: LoadedModel, request: PrefillRequest): Promise<Runs> {
  const { prompts, plan, tokenBudget, next } = request;
  const { spec, tensors } = model;
  const shared = plan.prefixes.length > 0;
  const session = await model.session(`prefill ${shared} ${next.values} ${next.known}`, () =>
    buildPrefill(spec, tensors, { pool: [], next, shared }),
  );
  const names = [NEXT_VALUES, ...cacheKeys(spec)];
  if (shared) {
    const pass = new SharedPass(model, session, {
      ...{ prompts, plan, tokenBudget, layers: [spec.layers.length], pool: [], chosen: null },
      ...{ first: new Int32Array(prompts.length), extraFeeds: next.feeds },
    });
    return (batch) => pass.prefill(batch, names);
  }
  return async ({ rows }) => {
    const ids = Array.from(rows, (row) => prompts[row]!.ids);
    const longest = Math.max(...ids.map(({ length }) => length));
    const feeds = { ...prefillFeeds(ids), ...model.ropes.upTo(longest), ...next.feeds };
    const outputs = await session.run(feeds, names);
    return { outputs, placeOf: (prompt, token) => [prompt, token], past: 0 };
  };
}

function cacheKeys({ layers }: ModelSpec): string[] {
  return layers.flatMap((_, i) => Object.values(cacheNames(i)));
}

/** The prompts of a group side by side, padded on the right to the longest one. */
class GatheredPrompts {
  readonly #lengths: readonly number[];
  readonly #longest: number;
  readonly #caches: Map<string, Tensor & { readonly data: Float32Array }>;
  readonly #next: Float32Array;

  constructor({ layers }: ModelSpec, lengths: readonly number[], known: number) {
    this.#lengths = lengths;
    this.#longest = Math.max(...lengths);
    this.#next = new Float32Array(lengths.length * known);
    this.#caches = new Map(
      layers.flatMap(({ attention: { keyValueHeads, headDim } }, i) => {
        const shape = [lengths.length, keyValueHeads, this.#longest, headDim];
        const size = lengths.length * keyValueHeads * this.#longest * headDim;
        return Object.values(cacheNames(i)).map((name) => {
          const data = new Float32Array(size);
          return [name, { ...float32(data, shape), data }] as const;
        });
      }),
    );
  }

  /** The prompts of a run, the first of them at place `first`. */
  take(run: PlacedOutputs, first: number, prompts: number): void {
    const next = floats(run.outputs, NEXT_VALUES).data;
    this.#next.set(next, (first * next.length) / prompts);
    for (const [name, to] of this.#caches) {
      const from = floats(run.outputs, name);
      for (let prompt = 0; prompt < prompts; prompt += 1) {
        this.#copy(run, { from, to, prompt, place: first + prompt });
      }
    }
  }

  tensors(): Prefilled {
    const shape = [this.#lengths.length, this.#next.length / this.#lengths.length];
    return { [NEXT_VALUES]: float32(this.#next, shape), ...Object.fromEntries(this.#caches) };
  }

  /** Each head's tokens: those of the prefix, which every row begins with, then the prompt's own. */
  #copy(
    { placeOf, past }: PlacedOutputs,
    copied: { from: Floats; to: Floats; prompt: number; place: number },
  ): void {
    const { from, to, prompt, place } = copied;
    const [, heads, tokens, headDim] = from.shape as [number, number, number, number];
    const own = this.#lengths[place]! - past;
    const [row, column] = placeOf(prompt, past);
    for (let head = 0; head < heads; head += 1) {
      const source = (row * heads + head) * tokens;
      const target = (place * heads + head) * this.#longest;
      const move = (start: number, count: number, at: number): void => {
        const begin = (source + start) * headDim;
        to.data.set(from.data.subarray(begin, begin + count * headDim), (target + at) * headDim);
      };
      if (past > 0) move(0, past, 0);
      move(past + column, own, past);
    }
  }
}

type Floats = { readonly shape: readonly number[]; readonly data: Float32Array };

function floats(outputs: Readonly<Record<string, Tensor>>, name: string): Floats {
  const tensor = outputs[name];
  if (!(tensor?.data instanceof Float32Array)) throw new Error(`engine: \`${name}\` not float32`);
  return { shape: tensor.shape, data: tensor.data };
}
