import { int64, type Session, type Tensor } from '../graph/index.ts';
import {
  type ComputedPrefix,
  cacheNames,
  placeFeeds,
  type SharedBatch,
  sharedFeeds,
} from '../model/index.ts';
import type { LoadedModel } from './loaded-model.ts';
import { type BatchStates, outputNames, type PassRequest, statesOf } from './pass-request.ts';
import type { PlannedBatch } from './plan-pass.ts';

/** A prefix with all that prompts which begin with it take over. */
type PrefixState = ComputedPrefix & {
  /** (layers, hidden): sums over its tokens, null where no mean is asked for. */
  readonly sums: Float32Array | null;
  /** States of its tokens from `chosenFrom` on. */
  readonly chosenFrom: number;
  readonly chosen: Float32Array | null;
};

/** What a run gave for the prompts of a batch, and where: columns of the caches count the tokens of the prefix first. */
export type PlacedOutputs = Pick<SharedBatch, 'placeOf'> & {
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Tokens of the prefix. */
  readonly past: number;
};

/**
 * Runs the batches of a plan with prefixes. Each prefix is computed when its first batch comes, and kept while a batch
 * behind it, or behind a longer one, can follow: batches come in the order of the plan.
 */
export class SharedPass {
  readonly #model: LoadedModel;
  readonly #session: Session;
  readonly #request: PassRequest;
  /** First chosen token of all prompts that begin with a prefix. */
  readonly #firstOf: readonly number[];
  readonly #depth: number;
  #states = new Map<number, PrefixState>();

  constructor(model: LoadedModel, session: Session, request: PassRequest) {
    this.#model = model;
    this.#session = session;
    this.#request = request;
    this.#firstOf = firstChosen(request);
    this.#depth =
      request.chosen === 'normed' ? model.spec.layers.length : Math.max(...request.layers);
  }

  async run(batch: PlannedBatch): Promise<BatchStates> {
    const { before, prompts, first } = await this.#behindPrefix(batch);
    const names = outputNames(this.#request);
    const { outputs } = await this.#run(prompts, { before, first, kept: 0, names });
    const own = statesOf(outputs, this.#request);
    return {
      last: own.last,
      mean: own.mean === null ? null : means(own.mean, before?.sums ?? null, prompts),
      chosen: before === null ? own.chosen : joinChosen(own.chosen, before, { prompts, first }),
    };
  }

  /** `names` of a graph with the whole caches of a batch, instead of its states. */
  async prefill(batch: PlannedBatch, names: readonly string[]): Promise<PlacedOutputs> {
    const { prompts, ...behind } = await this.#behindPrefix(batch);
    return await this.#run(prompts, { ...behind, kept: 'all', names });
  }

  async #behindPrefix({ rows, prefix }: PlannedBatch): Promise<{
    readonly before: PrefixState | null;
    readonly prompts: readonly Int32Array[];
    readonly first: Int32Array;
  }> {
    return {
      before: prefix === null ? null : await this.#stateOf(prefix),
      prompts: Array.from(rows, (row) => this.#request.prompts[row]!.ids),
      first: rows.map((row) => this.#request.first[row]!),
    };
  }

  /** The prefix, made of the one that it begins with; those that nothing can ask for any more are given up. */
  async #stateOf(prefix: number): Promise<PrefixState> {
    const known = this.#states.get(prefix);
    if (known !== undefined) return known;
    const { prompt, length, parent } = this.#request.plan.prefixes[prefix]!;
    this.#forgetBeside(parent);
    const ids = this.#request.prompts[prompt]!.ids.subarray(0, length);
    let state = parent === null ? null : await this.#stateOf(parent);
    const from = Math.min(this.#firstOf[prefix]!, length);
    while (state === null || state.length < length) {
      const end = Math.min(length, (state?.length ?? 0) + this.#request.tokenBudget);
      state = await this.#extend(state, ids.subarray(0, end), from);
    }
    this.#states.set(prefix, state);
    return state;
  }

  #forgetBeside(prefix: number | null): void {
    const kept = new Map<number, PrefixState>();
    for (let each = prefix; each !== null; each = this.#request.plan.prefixes[each]!.parent) {
      const state = this.#states.get(each);
      if (state !== undefined) kept.set(each, state);
    }
    this.#states = kept;
  }

  /** One run further: `ids` are those of `before` and more; tokens from `from` on are chosen. */
  async #extend(before: PrefixState | null, ids: Int32Array, from: number): Promise<PrefixState> {
    const names = outputNames(this.#request).filter((name) => name !== 'last');
    const caches = this.#model.spec.layers
      .slice(0, this.#depth)
      .flatMap((_, i) => Object.values(cacheNames(i)));
    const first = Int32Array.of(from);
    const { outputs } = await this.#run([ids], {
      ...{ before, first, kept: ids.length },
      names: [...names, ...caches],
    });
    const { mean: sums, chosen } = statesOf(outputs, this.#request);
    for (const [i, sum] of before?.sums?.entries() ?? []) sums![i]! += sum;
    return {
      length: ids.length,
      caches: Object.fromEntries(caches.map((name) => [name, outputs[name]!])),
      sums,
      chosenFrom: from,
      chosen: before === null ? chosen : joinChosen(chosen, before, { prompts: [ids], first }),
    };
  }

  async #run(
    prompts: readonly Int32Array[],
    options: {
      readonly before: PrefixState | null;
      readonly first: Int32Array;
      readonly kept: number | 'all';
      readonly names: readonly string[];
    },
  ): Promise<PlacedOutputs> {
    const { before, first, kept, names } = options;
    const { chosen, pool, extraFeeds } = this.#request;
    const past = before?.length ?? 0;
    const depth = this.#depth;
    const batch = sharedFeeds(this.#model.spec, prompts, { prefix: before, depth, kept });
    const longest = Math.max(...prompts.map((ids) => ids.length));
    const outputs = await this.#session.run(
      {
        ...batch.feeds,
        ...(pool.length === 0 && chosen === 'layers' ? {} : placeFeeds(batch, prompts, past)),
        ...(chosen === null
          ? {}
          : chosenPlaces(
              batch,
              prompts,
              first.map((at) => Math.max(at, past)),
            )),
        ...this.#model.ropes.upTo(longest),
        ...extraFeeds,
      },
      names,
    );
    return { outputs, placeOf: batch.placeOf, past };
  }
}

/** For each prefix, the first chosen token of any prompt that begins with it. */
function firstChosen({ plan, first }: PassRequest): number[] {
  const least = plan.prefixes.map(() => Number.POSITIVE_INFINITY);
  for (const { rows, prefix } of plan.batches) {
    if (prefix !== null)
      for (const row of rows) least[prefix] = Math.min(least[prefix]!, first[row]!);
  }
  // Longer prefixes come later in the plan.
  for (let prefix = least.length - 1; prefix >= 0; prefix -= 1) {
    const { parent } = plan.prefixes[prefix]!;
    if (parent !== null) least[parent] = Math.min(least[parent]!, least[prefix]!);
  }
  return least;
}

function chosenPlaces(
  { placeOf }: SharedBatch,
  prompts: readonly Int32Array[],
  first: ArrayLike<number>,
): { readonly chosen: Tensor } {
  const pairs: number[] = [];
  for (const [i, { length }] of prompts.entries()) {
    for (let token = first[i]!; token < length; token += 1) pairs.push(...placeOf(i, token));
  }
  return { chosen: int64(pairs, [pairs.length / 2, 2]) };
}

/** Sums of own tokens become means over all; `sums` has the prefix's part, null for none. */
function means(
  own: Float32Array,
  sums: Float32Array | null,
  prompts: readonly Int32Array[],
): Float32Array {
  const width = own.length / prompts.length;
  return own.map((sum, at) => {
    const shared = sums === null ? 0 : sums[at % width]!;
    return (sum + shared) / prompts[Math.floor(at / width)]!.length;
  });
}

/** Chosen states of whole prompts: of each those of the prefix, from its first one on, then its own. */
function joinChosen(
  own: Float32Array | null,
  before: PrefixState,
  { prompts, first }: { readonly prompts: readonly Int32Array[]; readonly first: Int32Array },
): Float32Array | null {
  if (own === null) return null;
  const past = before.length;
  const ownTokens = prompts.map(({ length }, i) => Math.max(0, length - Math.max(first[i]!, past)));
  const shared = prompts.map((_, i) => Math.max(0, past - first[i]!));
  const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
  if (sum(shared) === 0) return own;
  const width = own.length / sum(ownTokens);
  const joined = new Float32Array((sum(ownTokens) + sum(shared)) * width);
  let [at, from] = [0, 0];
  for (const [i, count] of ownTokens.entries()) {
    const skipped = first[i]! - before.chosenFrom;
    if (shared[i]! > 0) joined.set(before.chosen!.subarray(skipped * width), at);
    at += shared[i]! * width;
    joined.set(own.subarray(from, from + count * width), at);
    at += count * width;
    from += count * width;
  }
  return joined;
}
