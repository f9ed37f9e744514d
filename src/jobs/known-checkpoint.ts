import { stat } from 'node:fs/promises';
import { z } from 'zod';
import {
  type Checkpoint,
  type CheckpointFacts,
  inspectCheckpoint,
  openCheckpoint,
  type NameFacts,
  parseName,
  type Stage,
} from '../checkpoint/index.ts';
import { type ConfiguredFacts, loadConfig, type SondeConfig } from '../config/index.ts';
import { UserError } from '../error/index.ts';
import { identifyById, maxTextLength } from '../outcomes/index.ts';
import type { Store, StoredFacts } from '../store/index.ts';
import type { JobContext } from './progress.ts';

/** What is known of a checkpoint from its folder, `sonde.yaml` and outcomes together. */
export type KnownFacts = {
  readonly run: string | null;
  readonly family: string | null;
  readonly stage: Stage | null;
  readonly step: number | null;
  readonly tokens: number | null;
  readonly params: number | null;
  readonly paramsNonEmbedding: number | null;
  /** Of a mixture of experts: those that a token goes through. */
  readonly activeParamsNonEmbedding?: number | undefined;
  readonly flops: number | null;
};

/** A checkpoint that a verb was given: by folder, or by an id that the store knows. */
export type KnownCheckpoint = {
  readonly id: string;
  /** Null where the folder is gone or was never named: stored states and outcomes still serve. */
  readonly opened: Checkpoint | null;
  /** Of the weights; null where no folder was ever registered. */
  readonly fingerprint: string | null;
  /** Of configuration, tokenizer and chat template. */
  readonly setupSha256: string | null;
  readonly facts: KnownFacts;
};

const stageSchema = z.enum(['pretrain', 'midtrain', 'sft', 'dpo', 'rl']).nullable();

/** What `checkpoints/<id>.json` holds. */
export type Registration = {
  dir: string;
  fingerprint: string;
  setupSha256: string;
  facts: Omit<CheckpointFacts, 'dtype' | 'source'>;
};

const registrationSchema: z.ZodType<Registration> = z.object({
  dir: z.string(),
  fingerprint: z.string(),
  setupSha256: z.string(),
  facts: z.object({
    run: z.string().nullable(),
    family: z.string().nullable(),
    stage: stageSchema,
    step: z.number().nullable(),
    tokens: z.number().nullable(),
    tokensExact: z.boolean(),
    params: z.number(),
    paramsNonEmbedding: z.number(),
    activeParamsNonEmbedding: z.number().optional(),
    flops: z.number().nullable(),
    flopsGiven: z.boolean(),
  }),
});

/**
 * Resolves ids and folders; a folder is registered in the store. Where a suite is named, what its outcomes say of a
 * checkpoint goes before what those of other suites say: two sources may mean different models by one name.
 *
 * @throws UserError for what is neither, for facts that contradict each other, and for one id named twice.
 */
export async function resolveCheckpoints(
  store: Store,
  references: readonly string[],
  context: JobContext,
  {
    suite = null,
    option = 'checkpoints',
    mayBeNew = false,
  }: {
    readonly suite?: string | null;
    /** What the references were given as, for messages. */
    readonly option?: string;
    /** Whether a reference that nothing is known of is an id of its own: of weights that only a server has. */
    readonly mayBeNew?: boolean;
  } = {},
): Promise<KnownCheckpoint[]> {
  const config = await loadConfig(context.resolve('.'), { store: store.dir });
  const outcomes = await storedFacts(store, suite);
  const sources = { store, config, outcomes, context, option, mayBeNew };
  const known: KnownCheckpoint[] = [];
  for (const reference of references) {
    const checkpoint = await resolveOne(sources, reference);
    if (known.some(({ id }) => id === checkpoint.id)) {
      throw new UserError(`${option}: \`${checkpoint.id}\` is named twice`);
    }
    known.push(checkpoint);
  }
  return known;
}

/**
 * Facts of ids by what is stored of them and stated in `sonde.yaml`: no folder is opened, nothing is registered.
 *
 * @throws UserError from the returned function, for facts that contradict each other.
 */
export async function readKnownFacts(
  store: Store,
  context: JobContext,
  { suite }: { readonly suite: string },
): Promise<(id: string) => Promise<KnownFacts>> {
  const config = await loadConfig(context.resolve('.'), { store: store.dir });
  const outcomes = await storedFacts(store, suite);
  return async (id) => {
    const registration = await readRegistration(store, id);
    return combine({ config, outcomes }, id, { opened: null, registration }).facts;
  };
}

async function storedFacts(store: Store, suite: string | null): Promise<Map<string, StoredFacts>> {
  const all = new Map(
    (await store.outcomes.checkpoints()).map((facts) => [facts.checkpoint, facts]),
  );
  if (suite === null) return all;
  for (const own of await store.outcomes.checkpoints({ suite })) {
    const others = all.get(own.checkpoint) ?? own;
    const isLacking = (field: keyof StoredFacts): boolean => own[field] === null;
    const lacking = Object.fromEntries(
      Object.entries(others).filter(([field]) => isLacking(field as keyof StoredFacts)),
    );
    const disagreements = [
      ...own.disagreements,
      ...others.disagreements.filter(({ field }) => isLacking(field)),
    ];
    all.set(own.checkpoint, { ...own, ...lacking, disagreements });
  }
  return all;
}

type Sources = {
  readonly store: Store;
  readonly config: SondeConfig;
  readonly outcomes: ReadonlyMap<string, StoredFacts>;
  readonly context: JobContext;
  readonly option: string;
  readonly mayBeNew: boolean;
};

async function resolveOne(sources: Sources, reference: string): Promise<KnownCheckpoint> {
  const { store, config, outcomes, context, option, mayBeNew } = sources;
  const folder = context.resolve(reference);
  if (await isFolder(folder)) {
    const opened = await openCheckpoint(folder, { facts: config.factsOf });
    await register(store, opened, context);
    return combine(sources, opened.id, { opened, registration: registrationOf(opened) });
  }
  const registration = await readRegistration(store, reference);
  if (registration !== null) {
    const opened = await reopen(reference, registration, config);
    if (opened !== null) await register(store, opened, context);
    const current = opened === null ? registration : registrationOf(opened);
    return combine(sources, reference, { opened, registration: current });
  }
  if (mayBeNew && reference.length > maxTextLength) {
    throw new UserError(
      `${option}: expected an id of at most ${maxTextLength} characters, got one of ${reference.length}`,
    );
  }
  if (outcomes.has(reference) || mayBeNew) {
    return combine(sources, reference, { opened: null, registration: null });
  }
  throw new UserError(
    `${option}: expected a checkpoint’s folder or an id that the store knows, got \`${reference}\` (no folder ${folder}; ${await describeKnown(store, outcomes)})`,
  );
}

/** Null where the folder is gone, or its weights are: pruned checkpoints keep what is stored of them. */
async function reopen(
  id: string,
  { dir }: Registration,
  config: SondeConfig,
): Promise<Checkpoint | null> {
  if (!(await isFolder(dir))) return null;
  const { complete } = await inspectCheckpoint(dir, { id, facts: config.factsOf });
  return complete ? await openCheckpoint(dir, { id, facts: config.factsOf }) : null;
}

async function register(store: Store, opened: Checkpoint, context: JobContext): Promise<void> {
  const before = await readRegistration(store, opened.id);
  const now = registrationOf(opened);
  if (before !== null && before.fingerprint !== now.fingerprint) {
    context.note(
      `the weights of ${opened.id} are not those registered before (${before.dir}): their stored states are not used, outcomes under this id may be of the earlier weights`,
    );
  }
  if (JSON.stringify(before) !== JSON.stringify(now)) await store.checkpoints.write(opened.id, now);
}

function registrationOf({ dir, fingerprint, setupSha256, facts }: Checkpoint): Registration {
  return registrationSchema.parse({ dir, fingerprint, setupSha256, facts });
}

/** What the store knows of the folder behind an id; null where it was never named. */
export async function readRegistration(store: Store, id: string): Promise<Registration | null> {
  const document = await store.checkpoints.read(id);
  if (document === null) return null;
  const parsed = registrationSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  throw new UserError(
    `store: expected what Sonde wrote of checkpoint \`${id}\`, found something else; give its folder again`,
    { cause: parsed.error },
  );
}

function combine(
  { config, outcomes }: Pick<Sources, 'config' | 'outcomes'>,
  id: string,
  { opened, registration }: { opened: Checkpoint | null; registration: Registration | null },
): KnownCheckpoint {
  const dir = opened?.dir ?? registration?.dir;
  const stated = config.factsOf({ id, ...(dir === undefined ? {} : { dir }) });
  return {
    id,
    opened,
    fingerprint: registration?.fingerprint ?? null,
    setupSha256: registration?.setupSha256 ?? null,
    facts: combineFacts(id, {
      stated,
      own: registration?.facts ?? null,
      stored: outcomes.get(id) ?? null,
    }),
  };
}

type FactOrigins = {
  /** From `sonde.yaml`: decides. */
  readonly stated: ConfiguredFacts;
  readonly own: Registration['facts'] | null;
  readonly stored: StoredFacts | null;
};

function combineFacts(id: string, { stated, own, stored }: FactOrigins): KnownFacts {
  const exact = <Value>(
    field: 'stage' | 'step' | 'tokens' | 'flops' | 'params' | 'paramsNonEmbedding',
    fromFolder: Value | null,
    fromOutcomes: Value | null,
  ): Value | null => {
    const values = stored?.disagreements.find((one) => one.field === field)?.values;
    if (values !== undefined) {
      throw contradiction(id, field, `outcomes of two sources say ${values.join(' and ')}`);
    }
    if (fromFolder !== null && fromOutcomes !== null && fromFolder !== fromOutcomes) {
      const both = `its folder says ${String(fromFolder)}, its outcomes ${String(fromOutcomes)}`;
      throw contradiction(id, field, both);
    }
    return fromFolder ?? fromOutcomes;
  };
  const ownTokens = own?.tokensExact === true ? own.tokens : null;
  const ownFlops = own?.flopsGiven === true ? own.flops : null;
  const named = factsByName(id);
  const active =
    stated.paramsNonEmbedding === undefined ? own?.activeParamsNonEmbedding : undefined;
  return {
    run: stated.run ?? own?.run ?? stored?.run ?? null,
    family: stated.family ?? own?.family ?? stored?.family ?? null,
    stage:
      stated.stage ??
      exact('stage', own?.stage ?? null, parseStage(id, stored?.stage ?? null)) ??
      named.stage,
    step: stated.step ?? exact('step', own?.step ?? null, stored?.step ?? null) ?? named.step,
    tokens:
      stated.tokens ??
      exact('tokens', ownTokens, stored?.tokens ?? null) ??
      own?.tokens ??
      named.tokens,
    params: stated.params ?? exact('params', own?.params ?? null, stored?.params ?? null),
    paramsNonEmbedding:
      stated.paramsNonEmbedding ??
      exact(
        'paramsNonEmbedding',
        own?.paramsNonEmbedding ?? null,
        stored?.paramsNonEmbedding ?? null,
      ),
    ...(active === undefined ? {} : { activeParamsNonEmbedding: active }),
    flops: stated.flops ?? exact('flops', ownFlops, stored?.flops ?? null) ?? own?.flops ?? null,
  };
}

/** Of a checkpoint whose folder nobody has seen, by its id; rounded, as names are: every other source goes before it. */
export function factsByName(id: string): NameFacts {
  return parseName(id.split(/[@/]/).at(-1) ?? id);
}

/** The run that a checkpoint's id names; null where it has no step: that may be a model, and what stands before it no run. */
export function runByName(id: string): string | null {
  const { step, run } = identifyById(id);
  return step === null ? null : run;
}

function contradiction(id: string, field: string, what: string): UserError {
  return new UserError(
    `\`${id}\`: expected one value of \`${field}\`, ${what}; correct one of the two, or state it under \`checkpoints\` in sonde.yaml`,
  );
}

function parseStage(id: string, stage: string | null): Stage | null {
  const parsed = stageSchema.safeParse(stage);
  if (parsed.success) return parsed.data;
  throw new UserError(
    `\`${id}\`: expected \`stage\` to be pretrain, midtrain, sft, dpo or rl, its outcomes say \`${String(stage)}\``,
  );
}

async function describeKnown(
  store: Store,
  outcomes: ReadonlyMap<string, StoredFacts>,
): Promise<string> {
  const ids = [...new Set([...(await store.checkpoints.ids()), ...outcomes.keys()])].sort();
  if (ids.length === 0) return `the store ${store.dir} knows no checkpoint yet`;
  const shown = ids.slice(0, 5).join(', ');
  return `the store ${store.dir} knows ${shown}${ids.length > 5 ? ` and ${ids.length - 5} more` : ''}`;
}

export async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isDirectory() ?? false;
}
