/** What every pass over a suite's questions that keeps hidden states has in common. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, loadTokenizer, readFingerprint } from '../checkpoint/index.ts';
import type { PassPlan, Precision, TokenisedPrompt } from '../engine/index.ts';
import { UnusableStatesError, UserError } from '../error/index.ts';
import type { ActivationDtype } from '../store/index.ts';
import type { Render, Suite } from '../suite/index.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import type { SuiteRequest } from './known-suite.ts';
import { type JobContext, startProgress } from './progress.ts';
import { hashPrompts, measurePrompts, type PromptLengths, tokenisePrompts } from './prompts.ts';

export type StateRequest = {
  readonly suite: Suite;
  readonly render: SuiteRequest['render'];
  /** Layers to keep, ascending; `all` by default. */
  readonly layers: 'all' | readonly number[];
  readonly dtype: ActivationDtype;
  /** What the products of a pass here run on. @default 'f32' */
  readonly precision?: Precision | undefined;
};

/**
 * Changes when the numbers of an extraction change beyond float32's noise, what text becomes as tokens included, or when more
 * is kept of a pass; stored states of another version are not used. 3: as tokenizers of all families have it; likelihoods.
 */
const numericsVersion = 3;

/** Below this size nobody needs to be told before the start. */
const worthTellingBytes = 200e6;

/** What serves the request: states in F32 of all layers serve any. */
export function storedCandidates<Request extends StateRequest>(request: Request): Request[] {
  return [
    { ...request, layers: 'all', dtype: 'F32' },
    { ...request, layers: 'all' },
    { ...request, dtype: 'F32' },
    request,
  ];
}

/** Names all that the states depend on besides weights and suite; `more` is what the kind of states adds. */
export function stateConfigHash(
  { setupSha256 }: KnownCheckpoint,
  { layers, dtype, precision, render: asked }: StateRequest,
  render: Render,
  more: Readonly<Record<string, unknown>> = {},
): string {
  const config = {
    ...{ numericsVersion, setupSha256, layers, dtype, render, asked: asked === 'auto' },
    ...(precision === 'int8' ? { precision } : {}),
    ...more,
  };
  return createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 32);
}

/** @throws UserError where the checkpoint's folder is gone, or the suite has no items. */
export function checkComputable({ id, opened }: KnownCheckpoint, suite: Suite): Checkpoint {
  if (opened === null) {
    throw new UserError(
      `\`${id}\`: its states of suite \`${suite.name}\` are not in the store, and its folder is not there to compute them; give the checkpoint’s folder`,
    );
  }
  if (suite.items.length === 0) throw new UserError(`suite \`${suite.name}\` has no items`);
  return opened;
}

/** What gives the states: its plan, and the layers that it has. */
export type PassEngine = {
  /** The batches of its pass: equal prompts give equal plans. */
  plan(prompts: readonly Pick<TokenisedPrompt, 'ids'>[]): PassPlan;
  /** Of a prompt's states: blocks + 1. */
  readonly layers: number;
  readonly hidden: number;
  /** Where it does not give all layers: those that it does, ascending. */
  readonly offered?: readonly number[];
};

/** A suite's questions, ready to go through a checkpoint. */
export type Pass = {
  readonly opened: Checkpoint;
  readonly engine: PassEngine;
  readonly prompts: readonly TokenisedPrompt[];
  readonly lengths: PromptLengths;
  /** Layers to keep, ascending. */
  readonly layers: readonly number[];
  /** Whose states these are, for the file that keeps them. */
  readonly metadata: Readonly<Record<string, string>>;
};

/** A suite's questions as a checkpoint reads them. */
export type AskedPrompts = Pick<Pass, 'opened' | 'prompts' | 'lengths' | 'metadata'> & {
  readonly asked: StateRequest['layers'];
};

/** @throws UserError where an item cannot be asked. */
export async function askPrompts({
  opened,
  request: { suite, layers, render: asked },
  render,
}: {
  readonly opened: Checkpoint;
  readonly request: StateRequest;
  readonly render: Render;
}): Promise<AskedPrompts> {
  const prompts = tokenisePrompts(suite, await loadTokenizer(opened), { render, asked });
  const lengths = measurePrompts(suite, prompts);
  const tokenizer = await readFile(join(opened.dir, 'tokenizer.json'));
  return {
    ...{ opened, prompts, lengths, asked: layers },
    metadata: {
      checkpoint: opened.id,
      fingerprint: opened.fingerprint,
      suite: suite.name,
      suiteHash: suite.hash,
      render,
      tokenizerSha256: createHash('sha256').update(tokenizer).digest('hex'),
      promptTokens: JSON.stringify(lengths.prompt),
      suffixTokens: JSON.stringify(lengths.suffix),
    },
  };
}

/** The pass of an engine over them. */
export function preparePass(engine: PassEngine, { asked, ...prompts }: AskedPrompts): Pass {
  const layers = asked === 'all' ? (engine.offered ?? allLayers(engine)) : asked;
  return { ...prompts, engine, layers };
}

function allLayers({ layers }: PassEngine): number[] {
  return Array.from({ length: layers }, (_, layer) => layer);
}

/** Names the batches of a pass: a draft of other batches is of no use. */
export function hashPlan(
  { prompts, engine }: Pass,
  metadata: Readonly<Record<string, string>>,
): string {
  const batches = engine.plan(prompts).batches.map(({ rows }) => [...rows]);
  return createHash('sha256')
    .update(JSON.stringify([hashPrompts(prompts), batches, metadata]))
    .digest('hex')
    .slice(0, 16);
}

/** Says what a large file will take before it is begun. */
export function noteSize(
  { what, bytes, path }: { readonly what: string; readonly bytes: number; readonly path: string },
  context: JobContext,
): void {
  if (bytes < worthTellingBytes) return;
  context.note(`${what} will take ${(bytes / 1e9).toFixed(1)} GB in ${path}`);
}

export type StateKeeping<Batch> = {
  readonly draft: {
    readonly finished: ReadonlySet<number>;
    readonly finish: () => void;
    readonly discard: () => void;
    readonly close: () => void;
  };
  /** Those that the draft lacks; `onWork` as the engine's. */
  readonly batches: (onWork: (tokens: number) => void) => AsyncIterable<Batch>;
  /** Puts a batch into the draft. */
  readonly keep: (batch: Batch) => void;
};

/**
 * Runs the pass into its draft and finishes that. An interrupted one stays for the next start.
 *
 * @throws UnusableStatesError where the states are of no use, or the weights changed during the pass: nothing of it is kept.
 */
export async function keepStates<Batch extends { readonly tokens: number }>(
  pass: Pass,
  { draft, batches, keep }: StateKeeping<Batch>,
  context: JobContext,
): Promise<{ tokens: number; seconds: number }> {
  const { opened } = pass;
  let done = 0;
  try {
    const startedAt = performance.now();
    const { before, total } = countTokens(pass, draft.finished);
    const report = startProgress(context.progress, {
      label: `extract ${opened.id}`,
      unit: 'tokens',
      total,
      resumedAt: before,
    });
    done = before;
    report(done);
    /** Tokens that are done, of batches that are still to come out. */
    let ahead = 0;
    const onWork = (tokens: number): void => {
      context.signal.throwIfAborted();
      ahead += tokens;
      report(Math.floor(done + ahead));
    };
    for await (const batch of batches(onWork)) {
      keep(batch);
      done += batch.tokens;
      ahead = Math.max(0, ahead - batch.tokens);
      report(Math.floor(done + ahead));
      // Batches that are done are kept first: when there is work again, `onWork` ends the pass.
      if (ahead < 1) context.signal.throwIfAborted();
    }
    const unchanged = await isUnchanged(opened).catch((error: unknown) => {
      draft.discard();
      throw error;
    });
    if (!unchanged) {
      throw new UnusableStatesError(
        `\`${opened.id}\`: its weights changed during the pass, nothing of it was kept; start again once it is written (in ${opened.dir})`,
      );
    }
    draft.finish();
    return { tokens: done - before, seconds: (performance.now() - startedAt) / 1000 };
  } catch (error) {
    // Nothing in it is worth keeping, and it takes the disk space of the whole.
    if (done === 0 || error instanceof UnusableStatesError) draft.discard();
    throw error;
  } finally {
    draft.close();
  }
}

/** Tokens of the finished batches and of all. */
function countTokens(
  { prompts, engine }: Pass,
  finished: ReadonlySet<number>,
): { before: number; total: number } {
  const plan = engine.plan(prompts);
  const before = plan.batches
    .filter((_, batch) => finished.has(batch))
    .reduce((sum, { rows }) => sum + tokensOf(rows, prompts), 0);
  return { before, total: plan.tokens };
}

function tokensOf(rows: Int32Array, prompts: readonly TokenisedPrompt[]): number {
  return rows.reduce((sum, row) => sum + (prompts[row]?.ids.length ?? 0), 0);
}

/** Whether the folder still holds the weights that were opened: a checkpoint may be overwritten during a pass. */
async function isUnchanged({ dir, fingerprint }: Checkpoint): Promise<boolean> {
  return (await readFingerprint(dir)) === fingerprint;
}
