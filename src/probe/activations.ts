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
  readonly tokenizerHash: string;
  readonly suiteHash: string;
};

/** Refuses activations of another layout than the probe was fitted on, naming what differs. */
export function checkLayout(
  probe: string,
  fitted: ProbeLayout,
  found: ProbeLayout,
  pool: ProbePool,
): void {
  const refuse = (field: string, expected: unknown, got: unknown) => {
    throw new UserError(
      `probe \`${probe}\`: expected activations with ${field} ${String(expected)}, got ${String(got)}; ` +
        'fit a probe on this layout, or score a checkpoint of the fitted one',
    );
  };
  for (const field of ['hidden', 'layers', 'tokenizerHash', 'suiteHash'] as const) {
    if (fitted[field] !== found[field]) refuse(`\`${field}\``, fitted[field], found[field]);
  }
  if (!found.pools.includes(pool)) refuse('`pools` with', pool, `[${found.pools.join(', ')}]`);
}

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
