/** What is forecast: a compute, and the checkpoint that has it or will have it. */
import { loadConfig } from '../../config/index.ts';
import { UserError } from '../../error/index.ts';
import type { Store } from '../../store/index.ts';
import {
  isFolder,
  type KnownFacts,
  readRegistration,
  resolveCheckpoints,
} from '../known-checkpoint.ts';
import type { JobContext } from '../progress.ts';
import { checkComputeUnit, computeOf, describeFlops, type ParamsCount } from './ladder-models.ts';

export type TargetRequest = {
  /** One compute, or several for a curve; null: the target's own. */
  readonly targetFlops: readonly number[] | null;
  /** An id or a folder; may be unknown to the store where the compute is given. */
  readonly target: string | null;
};

export type ForecastTarget = {
  /** Null where only a compute is asked for. */
  readonly id: string | null;
  /** Training FLOPs. */
  readonly flops: number;
  readonly facts: KnownFacts;
  /** Ascending; null where no curve was asked for. */
  readonly curve: readonly number[] | null;
};

const unknownFacts: KnownFacts = {
  run: null,
  family: null,
  stage: null,
  step: null,
  tokens: null,
  params: null,
  paramsNonEmbedding: null,
  flops: null,
};

/** Two statements of one compute may be rounded differently. */
const rounding = 0.01;

/** @throws UserError where the compute is not known, or two statements of it differ. */
export async function resolveTarget(
  store: Store,
  { targetFlops, target, suite }: TargetRequest & { readonly suite: string },
  context: JobContext,
): Promise<ForecastTarget> {
  const asked = targetFlops === null ? [] : [...new Set(targetFlops)].sort((a, b) => a - b);
  for (const flops of asked) {
    if (!Number.isFinite(flops) || flops <= 0) {
      throw new UserError(`--target-flops: expected FLOPs above 0, got ${flops}`);
    }
    checkComputeUnit('--target-flops', flops, null);
  }
  const curve = asked.length > 1 ? asked : null;
  const last = asked.at(-1) ?? null;
  if (target === null) {
    if (last !== null) return { id: null, flops: last, facts: unknownFacts, curve };
    throw new UserError('forecast: expected --target-flops F or --target ID, got neither');
  }
  const { id, facts } = await findTarget(store, target, {
    isComputeGiven: last !== null,
    suite,
    context,
  });
  const own = computeOf(facts);
  if (own !== null && own > 0) {
    checkComputeUnit('--target', own, id);
    checkSameCompute(id, own, asked);
    return { id, flops: own, facts, curve };
  }
  if (last !== null) return { id, flops: last, facts, curve };
  throw new UserError(
    `--target: expected the training compute of \`${id}\` to be known, found none; pass --target-flops, or state \`flops\` under \`checkpoints\` in sonde.yaml`,
  );
}

/** Whether two statements of a compute mean the same. */
export function isSameCompute(a: number, b: number): boolean {
  return Math.abs(a / b - 1) <= rounding;
}

/** A single compute beside a target names it again; several are a curve around it. */
function checkSameCompute(id: string, own: number, asked: readonly number[]): void {
  const [only] = asked;
  if (only === undefined || asked.length > 1) return;
  if (isSameCompute(only, own)) return;
  throw new UserError(
    `--target-flops: expected the compute of \`${id}\`, which is known to be ${describeFlops(own)}, got ${describeFlops(only)}; leave one of --target and --target-flops out`,
  );
}

async function findTarget(
  store: Store,
  reference: string,
  {
    isComputeGiven,
    suite,
    context,
  }: { isComputeGiven: boolean; suite: string; context: JobContext },
): Promise<{ id: string; facts: KnownFacts }> {
  const isKnown =
    (await isFolder(context.resolve(reference))) ||
    (await readRegistration(store, reference)) !== null ||
    (await store.outcomes.checkpoints({ checkpoints: [reference] })).length > 0;
  const config = await loadConfig(context.resolve('.'), { store: store.dir });
  const stated = config.factsOf({ id: reference });
  // What is still to be trained is known by what is said of it.
  if (!isKnown && (isComputeGiven || Object.keys(stated).length > 0)) {
    return { id: reference, facts: { ...unknownFacts, ...stated } };
  }
  if (!isKnown) {
    throw new UserError(
      `--target: the store does not know \`${reference}\` (${store.dir}); for a checkpoint that is still to come pass its compute with --target-flops, or state \`flops\` under \`checkpoints\` in sonde.yaml`,
    );
  }
  const [found] = await resolveCheckpoints(store, [reference], context, {
    suite,
    option: '--target',
  });
  if (found === undefined) throw new Error(`forecast: nothing of ${reference}`);
  return found;
}

/** As methods take it. */
export function targetOf(
  { flops, facts }: ForecastTarget,
  count: ParamsCount,
): { flops: number; params: number | null; tokens: number | null } {
  return { flops, params: facts[count], tokens: facts.tokens };
}
