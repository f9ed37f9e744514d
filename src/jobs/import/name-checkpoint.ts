import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectCheckpoint } from '../../checkpoint/index.ts';
import type { ConfiguredFacts, SondeConfig } from '../../config/index.ts';
import { UserError } from '../../error/index.ts';
import {
  identifyById,
  identifyModel,
  type LogCheckpoint,
  type LogModel,
} from '../../outcomes/index.ts';
import type { JobContext } from '../progress.ts';

export type CheckpointNaming = {
  readonly config: SondeConfig;
  readonly context: Pick<JobContext, 'resolve'>;
  /** What the person said: `--checkpoint`. */
  readonly given: string | null;
};

/** Hears what a person should know of a log's checkpoints, and that a person said which they are. */
export type NamingListener = {
  readonly onNotice: (notice: string) => void;
  readonly onStated: () => void;
};

/** Names the checkpoints of one log. */
export type CheckpointNamer = (model: LogModel) => Promise<LogCheckpoint>;

/**
 * Which checkpoints logs are about: by the `logs` of `sonde.yaml`, by the checkpoint's folder where it is here (with its
 * trainer state), by names. `--checkpoint` stands in where these tell no step. The answer for one model is the same in
 * every log.
 *
 * @returns for one log's file a function that throws a UserError where `--checkpoint` contradicts the log, or was taken
 * for another model before: two checkpoints are never merged.
 */
export function createCheckpointNaming(
  naming: CheckpointNaming,
): (path: string, listener: NamingListener) => CheckpointNamer {
  const { config, given } = naming;
  let takenFor: LogModel | null = null;
  const known = new Map<string, LogCheckpoint>();
  const take = (model: LogModel, id: string, told: LogCheckpoint): LogCheckpoint => {
    const said = identifyById(id);
    refuseContradiction(model, said, told);
    if (takenFor !== null && modelText(takenFor) !== modelText(model)) {
      throw new UserError(
        `--checkpoint: expected logs of one model, \`${id}\` would stand for \`${modelText(takenFor)}\` and for \`${modelText(model)}\`: import their logs one by one, or name both under \`logs\` in sonde.yaml`,
      );
    }
    takenFor = model;
    return { ...told, ...withoutNulls(said) };
  };
  return (path, { onNotice, onStated }) =>
    async (model) => {
      const mapped = config.checkpointOfLog({ model: model.name, revision: model.revision, path });
      if (mapped !== null || given !== null) onStated();
      if (mapped !== null) return withFacts(identifyById(mapped), config.factsOf({ id: mapped }));
      const key = modelText(model);
      const told = known.get(key) ?? (await tell(model, naming));
      known.set(key, told);
      const named = given === null ? told : take(model, given, told);
      const facts = config.factsOf({ id: named.checkpoint });
      if (named.step === null && facts.step === undefined) {
        onNotice(
          `the log does not say which state of \`${named.checkpoint}\` it is about: pass --checkpoint RUN/STEP, or name it under \`logs\` in sonde.yaml (step stays unknown)`,
        );
      }
      return withFacts(named, facts);
    };
}

function modelText({ name, revision }: LogModel): string {
  return revision === null ? name : `${name}@${revision}`;
}

async function tell(
  model: LogModel,
  { config, context }: CheckpointNaming,
): Promise<LogCheckpoint> {
  const dir = context.resolve(model.name);
  if (model.revision !== null || !(await isCheckpointFolder(dir))) return identifyModel(model);
  const report = await inspectCheckpoint(dir, { facts: config.factsOf });
  return {
    checkpoint: report.checkpoint,
    run: report.run,
    stage: report.stage,
    step: report.step,
    tokens: report.tokensExact ? report.tokens : null,
    flops: report.flopsGiven ? report.flops : null,
  };
}

async function isCheckpointFolder(dir: string): Promise<boolean> {
  const found = await stat(join(dir, 'config.json')).catch(() => null);
  return found?.isFile() === true;
}

function refuseContradiction(model: LogModel, said: LogCheckpoint, told: LogCheckpoint): void {
  for (const field of ['step', 'stage'] as const) {
    const [a, b] = [said[field], told[field]];
    if (a === null || b === null || a === b) continue;
    throw new UserError(
      `--checkpoint: \`${said.checkpoint}\` says ${field} ${a}, the log is about \`${modelText(model)}\`, ${field} ${b}: leave --checkpoint out, or correct it`,
    );
  }
}

function withoutNulls(said: LogCheckpoint): Partial<LogCheckpoint> {
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null));
}

/** What `sonde.yaml` states of the checkpoint decides. */
function withFacts(named: LogCheckpoint, facts: ConfiguredFacts): LogCheckpoint {
  const { run, stage, step, tokens, flops } = facts;
  return {
    checkpoint: named.checkpoint,
    run: run ?? named.run,
    stage: stage ?? named.stage,
    step: step ?? named.step,
    tokens: tokens ?? named.tokens,
    flops: flops ?? named.flops,
  };
}
