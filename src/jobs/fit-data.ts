/** What a probe learns from: states and outcomes of some checkpoints, from the store or computed now. */
import { UserError } from '../error/index.ts';
import {
  type ArchitectureName,
  type FitData,
  type ProbeCheckpoint,
  tokenLayersOf,
  type TokenStates,
} from '../probe/index.ts';
import type { Store } from '../store/index.ts';
import type { Suite } from '../suite/index.ts';
import { type ActivationRequest, type Activations, ensureActivations } from './activations.ts';
import { type KnownCheckpoint, resolveCheckpoints } from './known-checkpoint.ts';
import { resolveSuite, type SuiteRequest } from './known-suite.ts';
import {
  type ItemCounts,
  noteJoins,
  type OutcomeChoice,
  requireItemCounts,
} from './outcome-choice.ts';
import { probeActivations, probeItems, probeLayout, probeTokenStates } from './probe-inputs.ts';
import type { JobContext } from './progress.ts';
import { resolveRender } from './prompts.ts';
import { randomActivations } from './random-activations.ts';
import { StateCache } from './state-cache.ts';
import { inTrainingOrder } from './training-order.ts';

export type FitRequest = SuiteRequest &
  OutcomeChoice & {
    readonly checkpoints: readonly string[];
    /** One that reads the states of single tokens has them extracted too. @default 'auto' */
    readonly architecture?: 'auto' | ArchitectureName;
  };

export type CollectedData = {
  readonly suite: Suite;
  /** In training order. */
  readonly checkpoints: readonly KnownCheckpoint[];
  readonly data: FitData;
};

/**
 * Collects what `fitProbe` learns from; extracts what is missing, random weights for the control included.
 *
 * @throws UserError for a checkpoint without outcomes (before any extraction), of another shape than the first one, or
 *   of which the order is not known.
 */
export async function collectFitData(
  store: Store,
  request: FitRequest,
  context: JobContext,
): Promise<CollectedData> {
  const suite = await resolveSuite(store, request, context);
  const checkpoints = inTrainingOrder(
    await resolveCheckpoints(store, request.checkpoints, context),
  );
  const [first] = checkpoints;
  if (first === undefined) throw new UserError('--checkpoints: expected one or more, got none');
  const labels = await readLabels(store, { suite, request, checkpoints });
  noteJoins(labels, context);
  const wanted: ActivationRequest = { suite, render: request.render, layers: 'all', dtype: 'F32' };
  const states: Activations[] = [];
  for (const checkpoint of checkpoints) {
    states.push(await ensureActivations(store, checkpoint, wanted, context));
    context.signal.throwIfAborted();
  }
  const tokens = await tokenStatesOf(store, { suite, request, checkpoints, states }, context);
  const random = await randomActivations(store, first, wanted, { compute: true, context });
  const data = await assemble({ suite, checkpoints, labels, states, tokens, random });
  return { suite, checkpoints, data };
}

/** Outcomes first: a checkpoint without them is noticed before an hour of extraction. */
async function readLabels(
  store: Store,
  about: { suite: Suite; request: FitRequest; checkpoints: readonly KnownCheckpoint[] },
): Promise<ItemCounts[]> {
  const { suite, request, checkpoints } = about;
  const labels: ItemCounts[] = [];
  for (const checkpoint of checkpoints) {
    const render = await resolveRender(request.render, checkpoint, suite);
    const question = { suite, checkpoint: checkpoint.id, render };
    labels.push(await requireItemCounts(store, question, request));
  }
  return labels;
}

async function tokenStatesOf(
  store: Store,
  of: {
    suite: Suite;
    request: FitRequest;
    checkpoints: readonly KnownCheckpoint[];
    states: readonly Activations[];
  },
  context: JobContext,
): Promise<TokenStates[] | null> {
  const { architecture = 'auto', render } = of.request;
  const count = of.states[0]?.file.layers.length ?? 0;
  const layers = architecture === 'auto' ? null : tokenLayersOf(architecture, count);
  if (layers === null) return null;
  const all: TokenStates[] = [];
  for (const checkpoint of of.checkpoints) {
    const about = { checkpoint, suite: of.suite, render, layers };
    all.push(await probeTokenStates(store, about, context));
    context.signal.throwIfAborted();
  }
  return all;
}

type Parts = {
  readonly suite: Suite;
  readonly checkpoints: readonly KnownCheckpoint[];
  readonly labels: readonly ItemCounts[];
  readonly states: readonly Activations[];
  /** Null where the architecture reads none. */
  readonly tokens: readonly TokenStates[] | null;
  readonly random: Activations | null;
};

async function assemble({
  suite,
  checkpoints,
  labels,
  states,
  tokens,
  random,
}: Parts): Promise<FitData> {
  const [first] = states;
  if (first === undefined) throw new Error('fit: no states');
  const cache = new StateCache();
  const inputs = await Promise.all(
    checkpoints.map(async ({ id, facts, fingerprint }, index): Promise<ProbeCheckpoint> => {
      const [own, counts] = [states[index], labels[index]];
      if (own === undefined || counts === undefined) throw new Error(`fit: nothing of ${id}`);
      checkSameLayout(first, own, id);
      const position = { tokens: facts.tokens, step: facts.step, stage: facts.stage };
      const activations = await probeActivations(own.file, cache);
      const { k, n } = counts;
      const asked = { rendering: own.render, fingerprint };
      const tokenStates = tokens?.[index] ?? null;
      return { id, ...position, ...asked, ...activations, tokenStates, k, n };
    }),
  );
  return {
    items: probeItems(suite, first.file),
    checkpoints: inputs,
    layout: probeLayout(suite, first.file),
    random: random === null ? null : await probeActivations(random.file, cache),
  };
}

function checkSameLayout(a: Activations, b: Activations, id: string): void {
  const shape = ({ file }: Activations): string => `${file.layers.length} layers × ${file.hidden}`;
  if (shape(a) !== shape(b)) {
    throw new UserError(
      `\`${id}\`: expected states of ${shape(a)} as the first checkpoint has, got ${shape(b)}; a probe reads checkpoints of one model`,
    );
  }
  const tokenizer = ({ file }: Activations): string => file.metadata['tokenizerSha256'] ?? '';
  if (tokenizer(a) !== tokenizer(b)) {
    throw new UserError(
      `\`${id}\`: expected the tokenizer.json of the first checkpoint (SHA-256 ${tokenizer(a).slice(0, 12)}), got another one (${tokenizer(b).slice(0, 12)}); fit a probe for each`,
    );
  }
}
