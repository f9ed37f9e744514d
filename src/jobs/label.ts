/** Labelling: a checkpoint answers its questions, the answers are graded and kept, k of n become outcomes. */
import type { TokenCost } from '../engine/index.ts';
import type { Store } from '../store/index.ts';
import type { Suite } from '../suite/index.ts';
import { type KnownCheckpoint, resolveCheckpoints } from './known-checkpoint.ts';
import { resolveSuite, type SuiteRequest } from './known-suite.ts';
import { sampleMissing } from './label-answers.ts';
import { scoreMissing } from './label-choices.ts';
import {
  chooseLabels,
  type ChooseRequest,
  describeDesign,
  type LabelledDesign,
  onlyChosen,
  prepareDesign,
} from './label-design.ts';
import { readKept } from './label-kept.ts';
import { countsOf, type LabelledTask, summarise, writeOutcomes } from './label-outcomes.ts';
import { prepareQuestions } from './label-questions.ts';
import { localRespondent, type Respondent } from './label-respondent.ts';
import { servedRespondent, type ServerRequest } from './label-server.ts';
import { addCosts, type Sampling } from './label-work.ts';
import type { JobContext } from './progress.ts';

export type LabelOptions = Sampling & {
  /** Which questions; null or absent: all of them. */
  readonly choose?: ChooseRequest | null;
  /** Who answers; null or absent: the checkpoint itself, here. */
  readonly server?: ServerRequest | null;
};

export type LabelReport = {
  readonly checkpoint: string;
  readonly tasks: readonly LabelledTask[];
  /** Sampled tokens a second in this call; null where nothing was left to sample, or a server does not count them. */
  readonly tokensPerSecond: number | null;
  readonly seconds: number;
  /** Tokens read and sampled in this call; null where a server does not count them. */
  readonly cost: TokenCost;
  /** Who answered; null where the checkpoint itself did, here. */
  readonly server: Respondent['server'];
  /** How the questions were chosen; null where all were asked. */
  readonly design: LabelledDesign | null;
};

type LabelRequest = SuiteRequest & { readonly checkpoint: string };

/**
 * Samples `samples` answers for every question, or every chosen one, grades and keeps them; of tasks graded by
 * loglikelihood the choices' likelihoods are read instead. What an earlier call kept is not asked again, and counts: asked
 * for fewer samples than are kept, all of those make the outcome.
 *
 * @throws UserError for an item that cannot be graded and for a choice that cannot be made, before any work.
 */
export async function label(
  store: Store,
  request: LabelRequest,
  options: LabelOptions,
  context: JobContext,
): Promise<LabelReport> {
  const startedAt = performance.now();
  const { choose = null } = options;
  const asked = await resolveSuite(store, request, context);
  const known = await resolveLabelled(store, request, { options, context });
  const from =
    choose === null
      ? { suite: asked, probe: null }
      : await prepareDesign(store, { suite: asked, tasks: request.tasks }, choose, context);
  const { suite } = from;
  const respondent = await findRespondent({ known, suite, request }, options, context);
  const all = prepareQuestions(suite, respondent);
  await using answering = await respondent.open(all);
  const { fingerprint } = known;
  const of = { checkpoint: known, fingerprint, seed: options.seed };
  const design =
    choose === null ? null : await chooseLabels(store, from, { ...of, choose }, context);
  const questions = design === null ? all : onlyChosen(all, design);
  const work = { store, suite, known, respondent, answering, questions, sampling: options };
  const kept = await readKept(work);
  const sampled = await sampleMissing(work, kept.tallies, context);
  const scored = await scoreMissing(work, kept.scores, context);
  const counts = countsOf(work, kept);
  await writeOutcomes(work, counts);
  return {
    checkpoint: known.id,
    tasks: summarise(suite, counts),
    tokensPerSecond: rate(sampled.cost.completionTokens, sampled.seconds),
    seconds: (performance.now() - startedAt) / 1000,
    cost: addCosts(sampled.cost, scored),
    server: respondent.server,
    design: choose === null || design === null ? null : describeDesign(choose, design),
  };
}

async function resolveLabelled(
  store: Store,
  { checkpoint }: LabelRequest,
  { options, context }: { readonly options: LabelOptions; readonly context: JobContext },
): Promise<KnownCheckpoint> {
  const mayBeNew = (options.server ?? null) !== null;
  const [known] = await resolveCheckpoints(store, [checkpoint], context, { mayBeNew });
  if (known === undefined) throw new Error(`label: ${checkpoint} was not resolved`);
  if (mayBeNew && known.opened === null) {
    context.note(`no folder of ${known.id} is there: its answers are kept under this id`);
  }
  return known;
}

function findRespondent(
  about: {
    readonly known: KnownCheckpoint;
    readonly suite: Suite;
    readonly request: LabelRequest;
  },
  { server = null }: LabelOptions,
  context: JobContext,
): Promise<Respondent> {
  const { known, suite, request } = about;
  const of = { suite, render: request.render };
  return server === null
    ? localRespondent({ known, reference: request.checkpoint }, of, context)
    : servedRespondent(server, { known, ...of }, context.signal);
}

function rate(tokens: number | null, seconds: number): number | null {
  return tokens === null || tokens === 0 ? null : tokens / seconds;
}
