/** Answers as outcomes, and as the numbers of a report. */
import { createHash } from 'node:crypto';
import type { OutcomeRecord } from '../outcomes/index.ts';
import { gradeLikelihoods, likelihoodFilters, type Suite } from '../suite/index.ts';
import { readRegistration } from './known-checkpoint.ts';
import type { KeptAnswers } from './label-kept.ts';
import { isScored, type Question } from './label-questions.ts';
import type { Respondent } from './label-respondent.ts';
import { type LabelWork, likelihoodSource, sourceOf, sum } from './label-work.ts';

export type LabelledTask = {
  readonly suite: string;
  readonly task: string;
  /** `acc` or `acc_norm` where the choices' likelihoods were compared; null for sampled answers. */
  readonly filter: string | null;
  readonly items: number;
  readonly samples: number;
  /** Mean over the items of k / n, 0…1. */
  readonly accuracy: number;
  /** Of that mean, from the spread between items; null for a single item. */
  readonly standardError: number | null;
};

/** k of n answers of a question, under a filter. */
type Count = {
  readonly question: Question;
  readonly filter: string | null;
  readonly k: number;
  readonly n: number;
};

export function countsOf({ questions }: LabelWork, { tallies, scores }: KeptAnswers): Count[] {
  return questions.flatMap((question): Count[] => {
    const { item, task } = question;
    if (!isScored(task)) {
      const { k = 0, numbers = new Set() } = tallies.get(item.id) ?? {};
      return [{ question, filter: null, k, n: numbers.size }];
    }
    const own = (item.choices ?? []).map(
      (_, place) => scores.get(item.id)?.get(place) ?? -Infinity,
    );
    const grades = gradeLikelihoods(item, own);
    return likelihoodFilters.map((filter) => ({ question, filter, k: grades[filter], n: 1 }));
  });
}

export async function writeOutcomes(work: LabelWork, counts: readonly Count[]): Promise<void> {
  const { store, suite, known, respondent, sampling } = work;
  const registration = await readRegistration(store, known.id);
  const own = registration?.facts;
  const facts = {
    ...known.facts,
    // A record's facts are exact: what a name rounded or we derived stays with the checkpoint.
    tokens: own?.tokensExact === false ? null : known.facts.tokens,
    flops: own?.flopsGiven === false ? null : known.facts.flops,
  };
  const records = counts.map(({ question, filter, k, n }): OutcomeRecord => {
    const { item, task, render, promptSha256 } = question;
    return {
      ...facts,
      suite: suite.name,
      task: task.name,
      item: item.id,
      checkpoint: known.id,
      ...{ k, n, kind: 'count', chance: task.chance, filter, render, promptSha256 },
      ...(isScored(task) ? nothingDrawn : drawnSo(work)),
      ...{ fewShot: null, chatTemplate: null, documentHash: null, targetHash: null },
      loss: null,
      lossUnit: null,
    };
  });
  const identity = createHash('sha256').update(JSON.stringify([whoAnswered(respondent), records]));
  await store.outcomes.write(records, {
    identity: `label ${identity.digest('hex')}`,
    name: sourceOf(sampling),
    replace: true,
  });
}

/** What says who gave the answers. */
function whoAnswered({ fingerprint, server }: Respondent): string {
  return fingerprint ?? JSON.stringify(server);
}

type Draw = Pick<
  OutcomeRecord,
  'temperature' | 'topP' | 'topK' | 'servedModel' | 'seed' | 'source'
>;

const nothingDrawn: Draw = {
  ...{ temperature: null, topP: null, topK: null, servedModel: null, seed: null },
  source: likelihoodSource,
};

/**
 * Counts of different seeds add up where the columns say the same of how they were drawn; of another top-k, or of another
 * model behind a server, the later stands for the earlier.
 */
function drawnSo({ sampling, respondent: { server } }: LabelWork): Draw {
  const { temperature, topP, topK = null, seed } = sampling;
  const servedModel = server === null ? null : `${server.model}@${server.url}`;
  return { temperature, topP, topK, servedModel, seed, source: sourceOf(sampling) };
}

/** One row a task, two where the choices' likelihoods were compared. */
export function summarise(suite: Suite, counts: readonly Count[]): LabelledTask[] {
  return [...suite.tasks.values()].flatMap((task) => {
    const filters = isScored(task) ? likelihoodFilters : [null];
    return filters.flatMap((filter) => {
      const own = counts.filter((count) => count.question.task === task && count.filter === filter);
      return own.length === 0
        ? []
        : [summariseTask({ suite: suite.name, task: task.name, filter }, own)];
    });
  });
}

function summariseTask(
  about: Pick<LabelledTask, 'suite' | 'task' | 'filter'>,
  counts: readonly Count[],
): LabelledTask {
  const rates = counts.map(({ k, n }) => (n === 0 ? 0 : k / n));
  const accuracy = sum(rates) / rates.length;
  const spread = sum(rates.map((rate) => (rate - accuracy) ** 2)) / (rates.length - 1);
  return {
    ...about,
    items: counts.length,
    samples: sum(counts.map(({ n }) => n)),
    accuracy,
    standardError: rates.length < 2 ? null : Math.sqrt(spread / rates.length),
  };
}
