/** The models that a forecast rests on: found, of one kind, with their compute, in its order. */
import { UserError } from '../../error/index.ts';
import type { LadderModel } from '../../forecast/index.ts';
import type { Store } from '../../store/index.ts';
import { type KnownCheckpoint, type KnownFacts, resolveCheckpoints } from '../known-checkpoint.ts';
import type { JobContext } from '../progress.ts';

/** A checkpoint with its training compute. */
export type ComputedCheckpoint = {
  readonly id: string;
  readonly facts: KnownFacts;
  /** Training FLOPs, above 0. */
  readonly flops: number;
};

/**
 * Resolves ids or folders into models by ascending compute.
 *
 * @throws UserError for one that is named twice or whose compute is not known.
 */
export async function resolveModels(
  store: Store,
  { option, references, suite }: { option: string; references: readonly string[]; suite: string },
  context: JobContext,
): Promise<ComputedCheckpoint[]> {
  const known = await resolveCheckpoints(store, references, context, { suite, option });
  const models = known.map((checkpoint) => withCompute(option, checkpoint));
  const derived = models.filter(({ facts }) => facts.flops === null).map(({ id }) => id);
  if (derived.length > 0) {
    context.note(
      `training FLOPs taken as 6 · params_non_embedding · tokens for ${describeSome(derived)}`,
    );
  }
  return models.sort(byCompute);
}

/** Says so where models were not named by ascending compute. */
export function noteOrder(
  option: string,
  { named, sorted }: { named: readonly string[]; sorted: readonly ComputedCheckpoint[] },
  { note }: JobContext,
): void {
  // A folder is named by its path: where ids and names differ, there is nothing to compare.
  const ids = sorted.map(({ id }) => id);
  const isSame = named.every((reference, index) => reference === ids[index]);
  if (!isSame && named.every((reference) => ids.includes(reference))) {
    note(`${option}: put in the order of training compute: ${ids.join(', ')}`);
  }
}

function byCompute(a: ComputedCheckpoint, b: ComputedCheckpoint): number {
  return (
    a.flops - b.flops || (a.facts.tokens ?? 0) - (b.facts.tokens ?? 0) || (a.id < b.id ? -1 : 1)
  );
}

function withCompute(option: string, { id, facts }: KnownCheckpoint): ComputedCheckpoint {
  const flops = computeOf(facts);
  if (flops === null) {
    throw new UserError(
      `${option}: expected the training compute of \`${id}\` to be known, found no \`flops\` and not both of \`params_non_embedding\` and \`tokens\`; state it under \`checkpoints\` in sonde.yaml (${id}: { flops: 1.2e20 }), or in the column \`flops\` of its outcome records`,
    );
  }
  if (flops <= 0) {
    throw new UserError(
      `${option}: expected training compute above 0 for \`${id}\`, found ${flops}: an untrained model says nothing of the rise with compute, leave it out`,
    );
  }
  checkComputeUnit(option, flops, id);
  return { id, facts, flops };
}

/** @throws UserError for less than one FLOP: no training at all, but another unit, or a slip of the exponent. */
export function checkComputeUnit(option: string, flops: number, id: string | null): void {
  if (flops >= 1) return;
  const of = id === null ? '' : ` for \`${id}\``;
  throw new UserError(
    `${option}: expected training compute in FLOPs, 1 or more${of}, found ${flops}: correct its unit or exponent`,
  );
}

/** Training FLOPs as stated, else 6 · parameters without embeddings (those that a token goes through) · tokens; null where neither is known. */
export function computeOf({
  flops,
  paramsNonEmbedding,
  activeParamsNonEmbedding,
  tokens,
}: Pick<KnownFacts, 'flops' | 'paramsNonEmbedding' | 'activeParamsNonEmbedding' | 'tokens'>):
  | number
  | null {
  if (flops !== null) return flops;
  const params = activeParamsNonEmbedding ?? paramsNonEmbedding;
  return params === null || tokens === null ? null : 6 * params * tokens;
}

/**
 * One recipe: family and stage are the same wherever they are known.
 *
 * @throws UserError naming both values and who has them.
 */
export function checkOneRecipe(
  option: string,
  models: readonly { readonly id: string; readonly facts: Pick<KnownFacts, 'family' | 'stage'> }[],
): void {
  for (const fact of ['family', 'stage'] as const) {
    const known = models.filter(({ facts }) => facts[fact] !== null);
    const [first] = known;
    const other = known.find(({ facts }) => facts[fact] !== first?.facts[fact]);
    if (first === undefined || other === undefined) continue;
    throw new UserError(
      `${option}: expected models of one ${fact}, got \`${String(first.facts[fact])}\` (${first.id}) and \`${String(other.facts[fact])}\` (${other.id}): a law over compute holds for one recipe, forecast each ${fact} on its own`,
    );
  }
}

/** Which count of parameters the models share: laws of N and D must not mix them. */
export type ParamsCount = 'paramsNonEmbedding' | 'params';

export function sharedParamsCount(facts: readonly KnownFacts[]): ParamsCount {
  const hasAll = facts.every(({ paramsNonEmbedding }) => paramsNonEmbedding !== null);
  return hasAll ? 'paramsNonEmbedding' : 'params';
}

export function toLadderModel(
  { id, facts, flops }: ComputedCheckpoint,
  count: ParamsCount,
): LadderModel {
  return { checkpoint: id, flops, params: facts[count], tokens: facts.tokens };
}

/** `1.206e22 FLOPs`. */
export function describeFlops(flops: number): string {
  const rounded = Number(flops.toPrecision(4));
  return `${rounded.toExponential().replace('e+', 'e')} FLOPs`;
}

/** `a, b, c and 4 more`. */
export function describeSome(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
