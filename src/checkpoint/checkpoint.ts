import { UserError } from '../error/index.ts';
import type { TensorInfo } from '../safetensors/index.ts';
import { type CheckpointFacts, gatherFacts, type GivenFacts, type PartialFacts } from './facts.ts';
import { fingerprintWeights } from './fingerprint.ts';
import { isRecord } from './json-file.ts';
import { fingerprintSetup } from './setup.ts';
import { type Survey, surveyCheckpoint } from './survey.ts';

export type Checkpoint = {
  /** `<run>/<step dir>`, `<repo>@<revision>`, or what the user said. */
  id: string;
  /** Absolute. */
  dir: string;
  /** `config.json` as it is. */
  config: Readonly<Record<string, unknown>>;
  tensors: ReadonlyMap<string, TensorInfo>;
  facts: CheckpointFacts;
  /** Tells these weights from others under the same id: see `fingerprintWeights`. */
  fingerprint: string;
  /** SHA-256 of the configuration, tokenizer and chat template: what else decides the hidden states of a question. */
  setupSha256: string;
  /** Longest sequence in tokens that the model was made for; null where the configuration does not say. */
  contextLength: number | null;
};

export type CheckpointOptions = {
  id?: string;
  /** Facts that a person stated in `sonde.yaml`, of the checkpoint under its id and folder. */
  facts?: (checkpoint: { id: string; dir: string }) => GivenFacts;
};

/** What `sonde inspect` says of a checkpoint that may still be being written. */
export type CheckpointReport = {
  checkpoint: string;
  path: string;
  /** Whether the model can be run: filled by the caller, who knows the architectures. */
  supported: boolean | null;
  /** `sonde.yaml`'s, else `model_type` of the configuration. */
  family: string | null;
  run: string | null;
  params: number | null;
  paramsNonEmbedding: number | null;
  dtype: string | null;
  step: number | null;
  tokens: number | null;
  tokensExact: boolean;
  flops: number | null;
  flopsGiven: boolean;
  stage: PartialFacts['stage'];
  contextLength: number | null;
  source: Record<string, string>;
  complete: boolean;
  /** Files that are missing or not whole. */
  missing: string[];
};

/**
 * Opens a complete checkpoint in Hugging Face format. Reads headers, configuration and samples of the weights.
 *
 * @throws UserError where it is incomplete, malformed, in another form (with the conversion to run), or where its facts
 *   contradict each other.
 */
export async function openCheckpoint(
  directory: string,
  options: CheckpointOptions = {},
): Promise<Checkpoint> {
  const survey = await surveyCheckpoint(directory);
  const { identity, config, weights, missing } = survey;
  const facts = factsOf(survey, options);
  if (missing.length > 0 || config === null || !isComplete(facts)) {
    throw new UserError(
      `\`${options.id ?? identity.id}\`: expected a complete checkpoint, missing ${missing.join(', ')}; wait until it is written, or copy it again (in ${identity.dir})`,
    );
  }
  return {
    id: options.id ?? identity.id,
    dir: identity.dir,
    config,
    tensors: weights.tensors,
    facts,
    fingerprint: await fingerprintWeights(weights.shards),
    setupSha256: await fingerprintSetup(identity.dir),
    contextLength: contextLengthOf(config),
  };
}

/** The fingerprint of the weights that stand in a checkpoint's directory now. */
export async function readFingerprint(directory: string): Promise<string> {
  const { weights } = await surveyCheckpoint(directory);
  return await fingerprintWeights(weights.shards);
}

/**
 * What is known of a checkpoint, complete or not.
 *
 * @throws UserError for what is wrong rather than missing: malformed files, another form, contradicting facts.
 */
export async function inspectCheckpoint(
  directory: string,
  options: CheckpointOptions = {},
): Promise<CheckpointReport> {
  const survey = await surveyCheckpoint(directory);
  const { run, family, stage, source, ...facts } = factsOf(survey, options);
  const modelType = survey.config?.['model_type'];
  return {
    checkpoint: options.id ?? survey.identity.id,
    path: survey.identity.dir,
    supported: null,
    family: family ?? (typeof modelType === 'string' ? modelType : null),
    run,
    stage,
    ...facts,
    contextLength: survey.config === null ? null : contextLengthOf(survey.config),
    source:
      family === null && typeof modelType === 'string'
        ? { ...source, family: 'config.json' }
        : source,
    complete: survey.missing.length === 0,
    missing: [...survey.missing],
  };
}

function factsOf({ identity, counts, trainer }: Survey, options: CheckpointOptions): PartialFacts {
  const about = { id: options.id ?? identity.id, dir: identity.dir };
  return gatherFacts({ identity, given: options.facts?.(about) ?? {}, trainer, counts });
}

function isComplete(facts: PartialFacts): facts is CheckpointFacts {
  return facts.params !== null && facts.paramsNonEmbedding !== null && facts.dtype !== null;
}

/** Fields of the known families, in the order of trust. Some conversions write -1 for unknown. */
const CONTEXT_FIELDS = ['max_position_embeddings', 'n_positions', 'n_ctx', 'max_sequence_length'];

function contextLengthOf(config: Readonly<Record<string, unknown>>): number | null {
  // A loop, as a hostile file may nest deeper than calls can.
  for (let level: unknown = config; isRecord(level); level = level['text_config']) {
    for (const field of CONTEXT_FIELDS) {
      const value = level[field];
      if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? value : null;
    }
  }
  return null;
}
