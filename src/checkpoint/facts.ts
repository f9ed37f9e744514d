import { UserError } from '../error/index.ts';
import type { Identity } from './identity.ts';
import { type NameFacts, parseName, type Stage } from './name.ts';
import type { ParameterCounts } from './parameters.ts';
import type { TrainerState } from './trainer-state.ts';

export type CheckpointFacts = {
  run: string | null;
  step: number | null;
  tokens: number | null;
  /** False where `tokens` was rounded by a name (`tokens4B`) or is unknown. */
  tokensExact: boolean;
  params: number;
  paramsNonEmbedding: number;
  /** Of a mixture of experts, counted from the headers: those that a token goes through. */
  activeParamsNonEmbedding?: number | undefined;
  flops: number | null;
  /** True where the FLOPs were stated; false for 6 · paramsNonEmbedding (the active ones) · tokens, which never conflicts. */
  flopsGiven: boolean;
  stage: Stage | null;
  family: string | null;
  dtype: string;
  /** Where each fact came from. */
  source: Record<string, string>;
};

/** Facts that a person stated (`sonde.yaml`): they go before all others. */
export type GivenFacts = Partial<
  Pick<
    CheckpointFacts,
    'run' | 'step' | 'tokens' | 'params' | 'paramsNonEmbedding' | 'flops' | 'stage' | 'family'
  >
>;

/** Facts of a checkpoint that may still lack its weights. */
export type PartialFacts = Omit<CheckpointFacts, 'params' | 'paramsNonEmbedding' | 'dtype'> & {
  params: number | null;
  paramsNonEmbedding: number | null;
  dtype: string | null;
};

type Stated<T> = { value: T | null | undefined; source: string };

export type FactSources = {
  identity: Identity;
  given: GivenFacts;
  trainer: TrainerState | null;
  counts: ParameterCounts | null;
};

const YAML = 'sonde.yaml';
const TRAINER = 'trainer_state.json';
const HEADERS = 'safetensors headers';

/**
 * Facts from, first found wins: `sonde.yaml`, `trainer_state.json`, the name; parameters from the headers.
 *
 * @throws UserError where `trainer_state.json` and the name state different exact values and `sonde.yaml` does not
 *   decide.
 */
export function gatherFacts({ identity, given, trainer, counts }: FactSources): PartialFacts {
  const name = parseName(identity.name);
  const { nameSource } = identity;
  checkAgreement({ identity, given, trainer, name });
  const source: Record<string, string> = {};
  const pick = <T>(fact: string, ...candidates: Stated<T>[]): T | null => {
    const found = candidates.find(({ value }) => value !== null && value !== undefined);
    if (found !== undefined) source[fact] = found.source;
    return found?.value ?? null;
  };
  const step = pick(
    'step',
    { value: given.step, source: YAML },
    { value: trainer?.step, source: TRAINER },
    { value: name.step, source: nameSource },
  );
  const rounded = name.tokensExact ? nameSource : `${nameSource}, rounded`;
  const tokens = pick(
    'tokens',
    { value: given.tokens, source: YAML },
    { value: trainer?.tokens, source: TRAINER },
    { value: name.tokens, source: rounded },
  );
  const stage = pick(
    'stage',
    { value: given.stage, source: YAML },
    { value: name.stage, source: nameSource },
  );
  // Without a step the parent folder is a collection of models rather than a run.
  const parent = step === null && identity.nameSource === 'directory name' ? null : identity.run;
  const run = pick('run', { value: given.run, source: YAML }, { value: parent, source: 'path' });
  const params = pick(
    'params',
    { value: given.params, source: YAML },
    { value: counts?.params, source: HEADERS },
  );
  const paramsNonEmbedding = pick(
    'paramsNonEmbedding',
    { value: given.paramsNonEmbedding, source: YAML },
    { value: counts?.paramsNonEmbedding, source: HEADERS },
  );
  // A number that a person states is the one to take.
  const active =
    given.paramsNonEmbedding === undefined ? counts?.activeParamsNonEmbedding : undefined;
  const flops = pick(
    'flops',
    { value: given.flops, source: YAML },
    { value: trainer?.flops, source: TRAINER },
    {
      value: defaultFlops(active ?? paramsNonEmbedding, tokens),
      source: `6 · params_non_embedding${active === undefined ? '' : ' (of a token’s experts)'} · tokens`,
    },
  );
  return {
    run,
    step,
    tokens,
    tokensExact: tokens !== null && source['tokens'] !== `${nameSource}, rounded`,
    params,
    paramsNonEmbedding,
    ...(active === undefined ? {} : { activeParamsNonEmbedding: active }),
    flops,
    flopsGiven: (given.flops ?? trainer?.flops ?? null) !== null,
    stage,
    family: pick('family', { value: given.family, source: YAML }),
    dtype: pick('dtype', { value: counts?.dtype, source: HEADERS }),
    source,
  };
}

/** Training FLOPs: six per parameter and token (forward 2, backward 4; Kaplan et al. 2020, arXiv:2001.08361). */
function defaultFlops(paramsNonEmbedding: number | null, tokens: number | null): number | null {
  return paramsNonEmbedding === null || tokens === null ? null : 6 * paramsNonEmbedding * tokens;
}

type Compared = Omit<FactSources, 'counts'> & { name: NameFacts };

function checkAgreement({ identity, given, trainer, name }: Compared): void {
  const pairs = [
    { fact: 'step', given: given.step, a: trainer?.step, b: name.step },
    {
      fact: 'tokens',
      given: given.tokens,
      a: trainer?.tokens,
      b: name.tokensExact ? name.tokens : null,
    },
  ];
  for (const { fact, given: decided, a, b } of pairs) {
    if (decided !== undefined && decided !== null) continue;
    if (a === null || a === undefined || b === null || a === b) continue;
    throw new UserError(
      `\`${identity.id}\`: expected one value of \`${fact}\`, found ${a} in ${TRAINER} and ${b} in the ${identity.nameSource} \`${identity.name}\`; state the right one under \`checkpoints\` in sonde.yaml (in ${identity.dir})`,
    );
  }
}
