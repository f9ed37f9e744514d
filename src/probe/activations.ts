import { UserError } from '../error/index.ts';
import { firstNonFinite } from '../stats/index.ts';

export type ProbePool = 'last' | 'mean';

/** A question as a probe sees it. */
export type ProbeItem = {
  readonly id: string;
  readonly task: string;
  /** Questions of one group never stand on both sides of a split; null for a question of its own. */
  readonly group: string | null;
  /** What is asked, without what all prompts of the task begin with. */
  readonly text: string;
  /**
   * Hashes of the whole texts that it can be asked with, one a rendering: questions that share one are the same question
   * under two ids, and never stand on both sides of a split.
   */
  readonly textHashes: readonly string[];
  /** Length of the whole prompt, in tokens. */
  readonly promptTokens: number;
  /** Length of the part behind the prefix that all prompts of the task share, in tokens. */
  readonly suffixTokens: number;
};

/** States of single tokens of each item: those that follow what all prompts of its task share. */
export type TokenStates = {
  /** Layers that are kept, ascending. */
  readonly layers: readonly number[];
  readonly hidden: number;
  /** Tokens that the longest item has. */
  readonly positions: number;
  /** `values` (items, layers, positions, hidden), zero behind an item's last token; `positions` of the longest one read. */
  readonly read: (
    items: Int32Array,
    layers: readonly number[],
  ) => Promise<{
    readonly values: Float32Array;
    readonly lengths: Int32Array;
    readonly positions: number;
  }>;
};

/** Activations of one set of weights for a list of items, in the order of that list. */
export type Activations = {
  /**
   * States of one layer (0 is the embedding output), (items, hidden) row-major; read when asked for, and asked for
   * more than once.
   */
  states(pool: ProbePool, layer: number): Float32Array | Promise<Float32Array>;
  /** (items, 4): entropy of the next token in nats, then its three largest probabilities; null where not extracted. */
  readonly output: Float32Array | null;
  /** (items, 16): ids of the eight likeliest next tokens, then their probabilities; null or absent where not extracted. */
  readonly nextTokens?: Float32Array | null;
  /**
   * (items, 4), over the question's own tokens, in nats: mean and smallest log-likelihood, mean and largest entropy of
   * their predictions; null or absent where not extracted.
   */
  readonly likelihood?: Float32Array | null;
  /** Null or absent where no architecture asked for them. */
  readonly tokenStates?: TokenStates | null;
};

/** A checkpoint's facts that a probe uses. */
export type ProbeCheckpointFacts = {
  readonly id: string;
  readonly tokens: number | null;
  readonly step: number | null;
  readonly stage: string | null;
  /** How the questions were put: `prompt` or `messages`. */
  readonly rendering: string | null;
  /** What tells its weights from others under the same id; null or absent where unknown. */
  readonly fingerprint?: string | null;
};

/** A checkpoint with its activations and, where it is labelled, outcomes in the order of the items. */
export type ProbeCheckpoint = ProbeCheckpointFacts &
  Activations & {
    /** Right answers per item; may be fractional. */
    readonly k: Float64Array;
    /** Answers per item; 0 where there are none. */
    readonly n: Float64Array;
  };

/** What activations must agree on before a probe may read them. */
export type ProbeLayout = {
  readonly hidden: number;
  /** Layers with the embedding output: blocks + 1. */
  readonly layers: number;
  readonly pools: readonly ProbePool[];
  /**
   * The last block that was run, from 1: pooled states are of its layer alone, `mean` over the question's own tokens, and
   * nothing is known of the output. Null or absent for the whole model.
   */
  readonly exit?: number | null;
  /** What the products behind the states ran on; those of int8 are another approximation. @default 'f32' */
  readonly precision?: 'f32' | 'int8';
  readonly tokenizerHash: string;
  readonly suiteHash: string;
};

/**
 * Refuses activations of another layout than the probe was fitted on, naming what differs, where, and what to do.
 *
 * @param found `pool` is the one that the probe reads; null for one that reads no states, to which their shape does not
 *   matter
 */
export function checkLayout(
  probe: { readonly name: string; readonly layout: ProbeLayout },
  found: {
    readonly layout: ProbeLayout;
    readonly checkpoint: string;
    readonly pool: ProbePool | null;
  },
): void {
  const { layout, checkpoint, pool } = found;
  const refuse = (expected: string, got: string, advice: string): never => {
    throw new UserError(
      `probe \`${probe.name}\`: expected activations of checkpoint \`${checkpoint}\` ${expected}, got ${got}; ${advice}`,
    );
  };
  for (const { field, what, advice } of SAME) {
    if (pool === null && (field === 'hidden' || field === 'layers' || field === 'exit')) continue;
    const [expected, got] = [probe.layout, layout].map(
      (of) => of[field] ?? UNSAID[field] ?? 'none',
    );
    if (expected !== got) refuse(`${what} \`${expected}\``, `\`${got}\``, advice);
  }
  if (pool !== null && !layout.pools.includes(pool)) {
    const pools = layout.pools.map((name) => `\`${name}\``).join(', ');
    refuse(`with pool \`${pool}\``, pools === '' ? 'none' : pools, 'extract that pool too');
  }
}

const OTHER_MODEL =
  'score a checkpoint of the model that it was fitted on, or fit a probe on checkpoints of this one';

/** What a layout that does not tell has, where it is not none. */
const UNSAID: Readonly<Partial<Record<keyof ProbeLayout, string>>> = { precision: 'f32' };

/** What must be equal, how it is called in a message, and what to do where it is not. */
const SAME = [
  { field: 'hidden', what: 'with hidden size', advice: OTHER_MODEL },
  { field: 'layers', what: 'with layers', advice: OTHER_MODEL },
  {
    field: 'exit',
    what: 'of a pass that ended early behind block',
    advice: 'extract what it reads, or fit a probe on such a pass',
  },
  {
    field: 'precision',
    what: 'in precision',
    advice: 'extract them in that one, or fit a probe on states of this one',
  },
  { field: 'tokenizerHash', what: 'with tokenizer (SHA-256)', advice: OTHER_MODEL },
  {
    field: 'suiteHash',
    what: 'of the suite with hash',
    advice: 'extract them for the suite that it was fitted on, or fit a probe on this one',
  },
] as const;

/** Checks the arrays' sizes and ranges against the items. */
export function checkOutcomes(
  checkpoint: Pick<ProbeCheckpoint, 'id' | 'k' | 'n' | 'output'>,
  items: readonly ProbeItem[],
): void {
  const { id, k, n, output } = checkpoint;
  if (k.length !== items.length || n.length !== items.length) {
    throw new Error(
      `checkpoint ${id}: expected ${items.length} outcomes, got ${k.length} of ${n.length}`,
    );
  }
  if (output !== null && output.length !== 4 * items.length) {
    throw new Error(
      `checkpoint ${id}: expected output features (${items.length}, 4), got ${output.length}`,
    );
  }
  for (let i = 0; i < items.length; i += 1) {
    const [right, answers] = [k[i]!, n[i]!];
    if (!(answers >= 0 && right >= 0 && right <= answers)) {
      throw new UserError(
        `checkpoint ${id}: expected 0 ≤ k ≤ n for item ${items[i]!.id}, got k = ${right}, n = ${answers}`,
      );
    }
  }
}

/** The states of one layer, checked for size and finiteness. */
export async function readStates(
  source: Activations,
  where: { readonly checkpoint: string; readonly items: number; readonly hidden: number },
  tap: { readonly pool: ProbePool; readonly layer: number },
): Promise<Float32Array> {
  const states = await source.states(tap.pool, tap.layer);
  const name = `checkpoint ${where.checkpoint}, ${tap.pool} states of layer ${tap.layer}`;
  if (states.length !== where.items * where.hidden) {
    throw new UserError(
      `${name}: expected (${where.items}, ${where.hidden}) numbers, got ${states.length}; extract them again`,
    );
  }
  const bad = firstNonFinite(states);
  if (bad >= 0) {
    throw new UserError(
      `${name}: expected finite numbers, got ${states[bad]!} in row ${Math.floor(bad / where.hidden)}`,
    );
  }
  return states;
}
