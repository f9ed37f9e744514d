/** The hidden states of a suite's questions at a checkpoint: found in the store, or computed once and kept. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, loadTokenizer, readFingerprint } from '../checkpoint/index.ts';
import {
  openLocalEngine,
  planBatches,
  type LocalEngine,
  type TokenisedPrompt,
} from '../engine/index.ts';
import { UserError } from '../error/index.ts';
import {
  type ActivationDtype,
  type ActivationFile,
  activationBytes,
  type ActivationLayout,
  openActivationDraft,
  openActivationFile,
  type Store,
} from '../store/index.ts';
import type { Render, Suite } from '../suite/index.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import type { SuiteRequest } from './known-suite.ts';
import { type JobContext, startProgress } from './progress.ts';
import { hashPrompts, measurePrompts, resolveRender, tokenisePrompts } from './prompts.ts';

export type ActivationRequest = {
  readonly suite: Suite;
  readonly render: SuiteRequest['render'];
  /** Layers to keep; `all` by default. */
  readonly layers: 'all' | readonly number[];
  readonly dtype: ActivationDtype;
};

export type Activations = {
  readonly file: ActivationFile;
  readonly render: Render;
  /** Tokens that went through the model now, and the seconds of it; both 0 where everything was in the store. */
  readonly tokens: number;
  readonly seconds: number;
};

/** All three are always kept: they cost one pass together. */
const pools = ['last', 'mean', 'output'] as const;

/** Changes when the numbers of an extraction change; stored states of another version are not used. */
const numericsVersion = 1;

/** Below this size nobody needs to be told before the start. */
const worthTellingBytes = 200e6;

/** States in the store that serve the request; null where there are none. */
export async function findActivations(
  store: Store,
  checkpoint: KnownCheckpoint,
  request: ActivationRequest,
): Promise<Activations | null> {
  const render = await resolveRender(request.render, checkpoint, request.suite);
  for (const candidate of storedCandidates(request)) {
    const path = activationPath(store, checkpoint, candidate, render);
    const file = path === null ? null : await openActivationFile(path);
    if (file !== null) return { file, render, tokens: 0, seconds: 0 };
  }
  return null;
}

/**
 * States from the store, else from a pass over the checkpoint.
 *
 * @throws UserError where neither can be had, or an item cannot be asked.
 */
export async function ensureActivations(
  store: Store,
  checkpoint: KnownCheckpoint,
  request: ActivationRequest,
  context: JobContext,
): Promise<Activations> {
  const found = await findActivations(store, checkpoint, request);
  if (found !== null) return found;
  const { id, opened } = checkpoint;
  if (opened === null) {
    throw new UserError(
      `\`${id}\`: its states of suite \`${request.suite.name}\` are not in the store, and its folder is not there to compute them; give the checkpoint’s folder`,
    );
  }
  const render = await resolveRender(request.render, checkpoint, request.suite);
  return await extractInto(store, { checkpoint, opened, request, render }, context);
}

/** What serves the request: states in F32 of all layers serve any. */
function storedCandidates(request: ActivationRequest): ActivationRequest[] {
  return [
    { ...request, layers: 'all', dtype: 'F32' },
    { ...request, layers: 'all' },
    { ...request, dtype: 'F32' },
    request,
  ];
}

function activationPath(
  store: Store,
  { fingerprint, setupSha256 }: KnownCheckpoint,
  { suite, layers, dtype, render: asked }: ActivationRequest,
  render: Render,
): string | null {
  if (fingerprint === null) return null;
  const config = { numericsVersion, setupSha256, layers, dtype, render, asked: asked === 'auto' };
  const configHash = createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 32);
  return store.activations.path({ fingerprint, suiteHash: suite.hash, configHash });
}

type Extraction = {
  readonly checkpoint: KnownCheckpoint;
  readonly opened: Checkpoint;
  readonly request: ActivationRequest;
  readonly render: Render;
};

async function extractInto(
  store: Store,
  { checkpoint, opened, request, render }: Extraction,
  context: JobContext,
): Promise<Activations> {
  const { suite } = request;
  if (suite.items.length === 0) throw new UserError(`suite \`${suite.name}\` has no items`);
  await using engine = await openLocalEngine(opened);
  const prompts = tokenisePrompts(suite, await loadTokenizer(opened), {
    render,
    asked: request.render,
  });
  const tokenizer = await readFile(join(opened.dir, 'tokenizer.json'));
  const tokenizerSha256 = createHash('sha256').update(tokenizer).digest('hex');
  const layout = layoutOf({ opened, request, render, engine, prompts, tokenizerSha256 });
  const path = activationPath(store, checkpoint, request, render);
  if (path === null) throw new Error(`activations: ${opened.id} has no fingerprint`);
  const sizeBytes = activationBytes(layout);
  if (sizeBytes >= worthTellingBytes) {
    context.note(
      `the states of ${opened.id} will take ${(sizeBytes / 1e9).toFixed(1)} GB in ${path}`,
    );
  }
  const done = await fillDraft({ path, layout, engine, prompts, opened }, context);
  const file = await openActivationFile(path);
  if (file === null) throw new Error(`activations: ${path} vanished`);
  return { file, render, ...done };
}

function layoutOf({
  opened,
  request: { suite, layers, dtype },
  render,
  engine,
  prompts,
  tokenizerSha256,
}: Omit<Extraction, 'checkpoint'> & {
  engine: LocalEngine;
  prompts: readonly TokenisedPrompt[];
  tokenizerSha256: string;
}): ActivationLayout {
  const lengths = measurePrompts(suite, prompts);
  return {
    items: suite.items.map(({ id }) => id),
    layers: layers === 'all' ? Array.from({ length: engine.layers }, (_, layer) => layer) : layers,
    hidden: engine.hidden,
    pools,
    dtype,
    metadata: {
      checkpoint: opened.id,
      fingerprint: opened.fingerprint,
      suite: suite.name,
      suiteHash: suite.hash,
      render,
      tokenizerSha256,
      promptTokens: JSON.stringify(lengths.prompt),
      suffixTokens: JSON.stringify(lengths.suffix),
    },
  };
}

type DraftWork = {
  readonly path: string;
  readonly layout: ActivationLayout;
  readonly engine: LocalEngine;
  readonly prompts: readonly TokenisedPrompt[];
  readonly opened: Checkpoint;
};

async function fillDraft(
  { path, layout, engine, prompts, opened }: DraftWork,
  context: JobContext,
): Promise<{ tokens: number; seconds: number }> {
  const plan = planBatches(
    prompts.map(({ ids }) => ids.length),
    { tokenBudget: engine.tokenBudget },
  );
  const planHash = createHash('sha256')
    .update(JSON.stringify([hashPrompts(prompts), engine.tokenBudget, layout.metadata]))
    .digest('hex')
    .slice(0, 16);
  const draft = await openActivationDraft(path, layout, planHash);
  let done = 0;
  try {
    const startedAt = performance.now();
    const before = plan.batches
      .filter((_, batch) => draft.finished.has(batch))
      .reduce((sum, rows) => sum + tokensOf(rows, prompts), 0);
    const report = startProgress(context.progress, {
      label: `extract ${opened.id}`,
      unit: 'tokens',
      total: plan.tokens,
      resumedAt: before,
    });
    done = before;
    report(done);
    for await (const batch of engine.extract(prompts, {
      pool: pools,
      layers: layout.layers,
      skipBatches: draft.finished,
    })) {
      draft.write(batch.batch, batch.rows, pooledValues(batch));
      done += batch.tokens;
      report(done);
      context.signal.throwIfAborted();
    }
    if (!(await isUnchanged(opened))) {
      draft.discard();
      throw new UserError(
        `\`${opened.id}\`: its weights changed during the pass, nothing of it was kept; start again once it is written (in ${opened.dir})`,
      );
    }
    draft.finish();
    return { tokens: done - before, seconds: (performance.now() - startedAt) / 1000 };
  } catch (error) {
    // Nothing in it is worth keeping, and it takes the disk space of the whole.
    if (done === 0) draft.discard();
    throw error;
  } finally {
    draft.close();
  }
}

function pooledValues(
  batch: Readonly<Record<(typeof pools)[number], Float32Array | null>>,
): Record<string, Float32Array> {
  return Object.fromEntries(
    pools.map((pool) => {
      const values = batch[pool];
      if (values === null) throw new Error(`activations: the engine returned no \`${pool}\``);
      return [pool, values];
    }),
  );
}

function tokensOf(rows: Int32Array, prompts: readonly TokenisedPrompt[]): number {
  return rows.reduce((sum, row) => sum + (prompts[row]?.ids.length ?? 0), 0);
}

/** Whether the folder still holds the weights that were opened: a checkpoint may be overwritten during a pass. */
async function isUnchanged({ dir, fingerprint }: Checkpoint): Promise<boolean> {
  return (await readFingerprint(dir)) === fingerprint;
}
