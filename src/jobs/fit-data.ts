import { UserError } from '../error/index.ts';
import type { Precision } from '../engine/index.ts';
import { readModelSpec } from '../model/index.ts';
import {
  type ArchitectureName,
  type FitData,
  halfWay,
  type ProbeCheckpoint,
  type ProbeLayout,
  tokenLayersOf,
} from '../probe/index.ts';
import type { Store } from '../store/index.ts';
import type { Suite } from '../suite/index.ts';
import { type KnownCheckpoint, resolveCheckpoints } from './known-checkpoint.ts';
import { resolveSuite, type SuiteRequest } from './known-suite.ts';
import {
  type ItemCounts,
  noteJoins,
  type OutcomeChoice,
  requireItemCounts,
} from './outcome-choice.ts';
import { keepSameQuestions } from './one-question.ts';
import { passesAhead } from './passes-ahead.ts';
import { probeItems } from './probe-inputs.ts';
import { ensureProbeStates, type ProbeStates, type WantedStates } from './probe-states.ts';
import type { JobContext } from './progress.ts';
import { resolveRender } from './prompts.ts';
import { randomStates } from './random-states.ts';
import { StateCache } from './state-cache.ts';
import { inTrainingOrder } from './training-order.ts';

export type FitRequest = SuiteRequest &
  OutcomeChoice & {
    readonly checkpoints: readonly string[];
    /** What reads the states of single tokens has them extracted too, `submodel` nothing else. @default 'auto' */
    readonly architecture?: 'auto' | ArchitectureName;
    /** Of the states: the probe reads no others. @default 'f32' */
    readonly precision?: Precision;
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
 *   of which the order is not known; where a task was not asked alike at all of them; for `submodel` where no checkpoint's folder is there.
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
  keepSameQuestions({ suite, labels, across: request.across }, context);
  noteJoins(labels, context);
  const wanted = wantedBy(request, suite, checkpoints);
  const at = { cache: new StateCache(), context };
  await passesAhead(store, checkpoints, wanted, context);
  const states: ProbeStates[] = [];
  for (const checkpoint of checkpoints) {
    states.push(await ensureProbeStates(store, checkpoint, wanted, at));
    context.signal.throwIfAborted();
  }
  const random = await randomStates(store, first, wanted, { compute: true, ...at });
  const data = assemble({ suite, checkpoints, labels, states, random });
  return { suite, checkpoints, data };
}

function wantedBy(
  { architecture = 'auto', render, precision }: FitRequest,
  suite: Suite,
  checkpoints: readonly KnownCheckpoint[],
): WantedStates {
  return {
    suite,
    render,
    precision,
    exit: architecture === 'submodel' ? halfWay(layersOf(checkpoints)) : null,
    tokenLayers: (layers) => (architecture === 'auto' ? null : tokenLayersOf(architecture, layers)),
  };
}

/** Blocks + 1 of the first checkpoint whose folder is there. */
function layersOf(checkpoints: readonly KnownCheckpoint[]): number {
  const opened = checkpoints.flatMap((checkpoint) => checkpoint.opened ?? [])[0];
  if (opened !== undefined) return readModelSpec(opened.config, opened.dir).layers.length + 1;
  throw new UserError(
    `--probe submodel: expected the folder of one of ${checkpoints.map(({ id }) => id).join(', ')}, to see how many blocks the model has, got ids of folders that are gone; give one’s folder`,
  );
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

type Parts = {
  readonly suite: Suite;
  readonly checkpoints: readonly KnownCheckpoint[];
  readonly labels: readonly ItemCounts[];
  readonly states: readonly ProbeStates[];
  readonly random: ProbeStates | null;
};

function assemble({ suite, checkpoints, labels, states, random }: Parts): FitData {
  const [first] = states;
  if (first === undefined) throw new Error('fit: no states');
  const inputs = checkpoints.map(({ id, facts, fingerprint }, index): ProbeCheckpoint => {
    const [own, counts] = [states[index], labels[index]];
    if (own === undefined || counts === undefined) throw new Error(`fit: nothing of ${id}`);
    checkSameLayout(first.layout, own.layout, id);
    const position = { tokens: facts.tokens, step: facts.step, stage: facts.stage };
    const asked = { rendering: own.render, fingerprint };
    const { k, n } = counts;
    return { id, ...position, ...asked, ...own.activations, k, n };
  });
  return {
    items: probeItems(suite, first.file),
    checkpoints: inputs,
    layout: first.layout,
    random: random === null ? null : random.activations,
  };
}

function checkSameLayout(a: ProbeLayout, b: ProbeLayout, id: string): void {
  const shape = ({ layers, hidden }: ProbeLayout): string => `${layers} layers × ${hidden}`;
  if (shape(a) !== shape(b)) {
    throw new UserError(
      `\`${id}\`: expected states of ${shape(a)} as the first checkpoint has, got ${shape(b)}; a probe reads checkpoints of one model`,
    );
  }
  if (a.tokenizerHash !== b.tokenizerHash) {
    throw new UserError(
      `\`${id}\`: expected the tokenizer.json of the first checkpoint (SHA-256 ${a.tokenizerHash.slice(0, 12)}), got another one (${b.tokenizerHash.slice(0, 12)}); fit a probe for each`,
    );
  }
}
