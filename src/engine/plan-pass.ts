import { planBatches } from './plan-batches.ts';
import { type SharedPrefix, sharedPrefixes } from './prefix-trie.ts';

/** Tokens that several prompts begin with, computed once. */
export type PlannedPrefix = {
  /** A prompt that begins with them. */
  readonly prompt: number;
  /** How many they are. */
  readonly length: number;
  /** Number of a shorter prefix that this one begins with, planned before it; null for none. */
  readonly parent: number | null;
};

export type PlannedBatch = {
  /** Indices into the prompts. */
  readonly rows: Int32Array;
  /** Number of the prefix that all of them begin with: only what follows it is computed, packed without padding. */
  readonly prefix: number | null;
};

/** All runs of a pass over prompts. */
export type PassPlan = {
  readonly prefixes: readonly PlannedPrefix[];
  /** Batches of one prefix in a row, and after those of the prefixes that it begins with. */
  readonly batches: readonly PlannedBatch[];
  /** Tokens of all prompts. */
  readonly tokens: number;
  /** Tokens that are computed: prefixes once, padding included. */
  readonly computed: number;
};

/** Whether prompts share the states of common prefixes: where it saves time, wherever there are any, or not at all. */
export type PrefixSharing = 'paying' | 'always' | 'never';

export type PassOptions = {
  /** Most tokens in a batch, padding included; a longer prompt is a batch of its own. */
  readonly tokenBudget: number;
  /** @default paying */
  readonly prefixSharing?: PrefixSharing;
  /** Most tokens of prefixes whose keys and values are in memory at once. @default no limit */
  readonly mostPrefixTokens?: number;
};

/** Attention that is told what it may see takes one float32 a query and key: 64 MiB at most. */
const MOST_SCORES = 2 ** 24;
/** Packed prompts are computed against each other too: fewer of them than a whole budget are faster. */
const PACKED_SHARE_OF_BUDGET = 0.5;

/** The runs that give the states of all prompts. A pure function: equal inputs give equal plans. */
export function planPass(prompts: readonly Int32Array[], options: PassOptions): PassPlan {
  const sharing = options.prefixSharing ?? 'paying';
  const unshared = (): PassPlan => withRest({ prefixes: [], batches: [] }, { prompts, options });
  if (sharing === 'never' || prompts.length < 2) return unshared();
  const root = sharedPrefixes(prompts, {
    mostTokens: options.mostPrefixTokens ?? Number.POSITIVE_INFINITY,
    always: sharing === 'always',
  });
  if (root.children.length === 0) return unshared();
  const plan = withRest(planPrefixes(root, prompts, options), { prompts, options });
  const isTooWide = plan.batches.some(
    (batch) => scoresOf(batch, plan.prefixes, prompts) > MOST_SCORES,
  );
  return isTooWide ? unshared() : plan;
}

type Shared = { readonly prefixes: PlannedPrefix[]; readonly batches: PlannedBatch[] };

/** Prefixes and their batches, each prefix right before the first of its batches. */
function planPrefixes(
  root: SharedPrefix,
  prompts: readonly Int32Array[],
  { tokenBudget }: PassOptions,
): Shared {
  const prefixes: PlannedPrefix[] = [];
  const batches: PlannedBatch[] = [];
  const budget = Math.max(1, Math.floor(tokenBudget * PACKED_SHARE_OF_BUDGET));
  const pending = inOrder(root.children).map((node) => ({ node, parent: null as number | null }));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, parent } = next;
    const prefix = prefixes.length;
    prefixes.push({ prompt: firstPrompt(node), length: node.depth, parent });
    const ordered = node.prompts.toSorted((a, b) => a - b);
    const own = ordered.map((prompt) => prompts[prompt]!.length - node.depth);
    for (const rows of pack(ordered, own, budget)) batches.push({ rows, prefix });
    for (const child of inOrder(node.children)) pending.push({ node: child, parent: prefix });
  }
  return { prefixes, batches };
}

/** In the order of their first prompts, the last one first: they are taken from the end. */
function inOrder(nodes: readonly SharedPrefix[]): SharedPrefix[] {
  return nodes
    .map((node) => ({ node, first: firstPrompt(node) }))
    .sort((a, b) => b.first - a.first)
    .map(({ node }) => node);
}

/** The least prompt of those that have the prefix to themselves, or of those of a longer one. */
function firstPrompt(node: SharedPrefix): number {
  let holder = node;
  while (holder.prompts.length === 0) holder = holder.children[0]!;
  return holder.prompts.reduce((least, prompt) => Math.min(least, prompt));
}

/** Consecutive prompts in packs of about the same number of tokens, within the budget where one alone is. */
function pack(prompts: readonly number[], own: readonly number[], budget: number): Int32Array[] {
  const total = own.reduce((sum, tokens) => sum + tokens, 0);
  const share = total / Math.ceil(total / budget);
  const packs: Int32Array[] = [];
  let [start, tokens] = [0, 0];
  for (const [i, more] of own.entries()) {
    if (i > start && (tokens + more > budget || tokens >= share)) {
      packs.push(Int32Array.from(prompts.slice(start, i)));
      [start, tokens] = [i, 0];
    }
    tokens += more;
  }
  if (start < prompts.length) packs.push(Int32Array.from(prompts.slice(start)));
  return packs;
}

/** Adds batches of the prompts that are in none yet, and counts. */
function withRest(
  { prefixes, batches }: Shared,
  { prompts, options }: { readonly prompts: readonly Int32Array[]; readonly options: PassOptions },
): PassPlan {
  const planned = new Set(batches.flatMap(({ rows }) => [...rows]));
  const rest = Int32Array.from([...prompts.keys()].filter((prompt) => !planned.has(prompt)));
  const lengths = rest.map((prompt) => prompts[prompt]!.length);
  const plain = planBatches(lengths, { tokenBudget: options.tokenBudget });
  const ofPrefixes = prefixes.reduce((sum, { length, parent }) => {
    return sum + length - lengthOf(prefixes, parent);
  }, 0);
  const ofPacks = batches.reduce((sum, batch) => sum + ownTokens(batch, prefixes, prompts), 0);
  return {
    prefixes,
    batches: [
      ...batches,
      ...plain.batches.map((rows) => ({ rows: rows.map((row) => rest[row]!), prefix: null })),
    ],
    tokens: prompts.reduce((sum, ids) => sum + ids.length, 0),
    computed: ofPrefixes + ofPacks + plain.padded,
  };
}

function lengthOf(prefixes: readonly PlannedPrefix[], prefix: number | null): number {
  return prefix === null ? 0 : prefixes[prefix]!.length;
}

function ownTokens(
  { rows, prefix }: PlannedBatch,
  prefixes: readonly PlannedPrefix[],
  prompts: readonly Int32Array[],
): number {
  const shared = lengthOf(prefixes, prefix);
  return rows.reduce((sum, row) => sum + prompts[row]!.length - shared, 0);
}

/** Queries × keys of a batch beside others that share. */
function scoresOf(
  batch: PlannedBatch,
  prefixes: readonly PlannedPrefix[],
  prompts: readonly Int32Array[],
): number {
  if (batch.prefix === null) return prompts[batch.rows[0]!]!.length ** 2;
  const own = ownTokens(batch, prefixes, prompts);
  return own * (own + lengthOf(prefixes, batch.prefix));
}
