/** Reading of the choices' likelihoods that no earlier call kept. */
import type { ChoiceScore, TokenCost } from '../engine/index.ts';
import type { AnswerRecord } from '../store/index.ts';
import { isTargetChoice } from '../suite/index.ts';
import { keepScore } from './label-kept.ts';
import { isScored, type Question } from './label-questions.ts';
import type { AskedChoice } from './label-respondent.ts';
import {
  addCosts,
  AnswerKeeper,
  type LabelWork,
  likelihoodSource,
  noCost,
  recordOf,
} from './label-work.ts';
import { type JobContext, startProgress } from './progress.ts';

/** A choice with its place among those of its item. */
type Placed = AskedChoice & { readonly place: number };

/** Reads and keeps what is missing, and adds it to `scores`. */
export async function scoreMissing(
  work: LabelWork,
  scores: Map<string, Map<number, number>>,
  context: JobContext,
): Promise<TokenCost> {
  const all = work.questions.filter(({ task }) => isScored(task)).flatMap(choicesOf);
  const asked = all.filter(
    ({ question, place }) => scores.get(question.item.id)?.has(place) !== true,
  );
  if (asked.length === 0) return noCost;
  const report = startProgress(context.progress, {
    ...{ label: `read choices ${work.known.id}`, unit: 'choices' },
    ...{ total: all.length, resumedAt: all.length - asked.length },
  });
  const byId = new Map(asked.map((choice) => [choice.id, choice]));
  const keeper = new AnswerKeeper(work);
  let [done, cost] = [all.length - asked.length, noCost];
  report(done);
  try {
    for await (const score of work.answering.score(asked, context.signal)) {
      const choice = byId.get(score.id);
      if (choice === undefined) throw new Error(`label: score of unknown choice ${score.id}`);
      const { question, place } = choice;
      keepScore(scores, { item: question.item.id, place }, score.logLikelihood);
      cost = addCosts(cost, score.cost);
      done += 1;
      report(done);
      await keeper.add([recordOfChoice(work, choice, score)]);
      context.signal.throwIfAborted();
    }
  } finally {
    await keeper.flush();
  }
  return cost;
}

function choicesOf(question: Question): Placed[] {
  const { id, choices } = question.item;
  return (choices ?? []).map((choice, place) => ({
    ...{ id: `${id}, choice ${place + 1}`, question, choice, place },
  }));
}

function recordOfChoice(
  work: LabelWork,
  { question, choice, place }: Placed,
  { logLikelihood, tokens }: ChoiceScore,
): AnswerRecord {
  return {
    ...recordOf(work, question),
    // Nothing is drawn: the same choice has the same likelihood in every call.
    ...{ temperature: null, topP: null, topK: null, seed: null },
    sample: place,
    answer: choice,
    tokens,
    logLikelihood,
    grade: Number(isTargetChoice(question.item, place)),
    source: likelihoodSource,
  };
}
