/** Sampling of the answers that no earlier call kept. */
import type { SampledAnswers, TokenCost } from '../engine/index.ts';
import type { AnswerRecord } from '../store/index.ts';
import { gradeAnswer } from '../suite/index.ts';
import { keepSamplingTime, type SampledTask } from './generation-time.ts';
import { countAnswer, type Tally } from './label-kept.ts';
import { isScored, type Question } from './label-questions.ts';
import type { AskedQuestion } from './label-respondent.ts';
import { addCosts, AnswerKeeper, type LabelWork, noCost, recordOf } from './label-work.ts';
import { type JobContext, startProgress } from './progress.ts';

export type Sampled = { readonly seconds: number; readonly cost: TokenCost };

/** Samples, grades and keeps what is missing, and counts it into `tallies`. */
export async function sampleMissing(
  work: LabelWork,
  tallies: Map<string, Tally>,
  context: JobContext,
): Promise<Sampled> {
  const { known, sampling, answering } = work;
  const questions = work.questions.filter(({ task }) => !isScored(task));
  const asked = questions.flatMap((question) => missingOf(question, tallies, sampling.samples));
  if (asked.length === 0) return { seconds: 0, cost: noCost };
  const report = startProgress(context.progress, {
    ...{ label: `label ${known.id}`, unit: 'questions' },
    ...{ total: questions.length, resumedAt: questions.length - asked.length },
  });
  const byId = new Map(asked.map(({ question }) => [question.item.id, question]));
  const startedAt = performance.now();
  const keeper = new AnswerKeeper(work);
  const byTask = new Map<string, SampledTask>();
  const draws = new DrawCheck();
  let [done, cost] = [questions.length - asked.length, noCost];
  report(done);
  try {
    const options = { ...sampling, signal: context.signal };
    for await (const sampled of answering.sample(asked, options)) {
      const question = byId.get(sampled.id);
      if (question === undefined) throw new Error(`label: answers to unknown item ${sampled.id}`);
      const records = gradeAnswers(work, question, sampled);
      for (const record of records) countAnswer(tallies, record, record.grade);
      draws.add(sampled);
      cost = addCosts(cost, sampled.cost);
      addSampled(byTask, question.task.name, sampled);
      const isDone = missingOf(question, tallies, sampling.samples).length === 0;
      done += Number(isDone);
      countQuestion(byTask, question.task.name, isDone);
      report(done);
      await keeper.add(records);
      context.signal.throwIfAborted();
    }
  } finally {
    await keeper.flush();
  }
  if (work.respondent.server !== null && sampling.temperature > 0 && draws.areAllAlike()) {
    context.note(
      'the answers to each question are all the same: does the server sample? (transformers serve does so only with "do_sample": true in generation_config.json)',
    );
  }
  const seconds = (performance.now() - startedAt) / 1000;
  await keepTime(work, seconds, [...byTask.values()]);
  return { seconds, cost };
}

/** Repeated answers below this number say little of a server. */
const fewRepeats = 20;

/** Whether answers to one question ever differ. */
class DrawCheck {
  readonly #firsts = new Map<string, string>();
  #repeats = 0;
  #isVaried = false;

  add({ id, answers }: SampledAnswers): void {
    for (const answer of answers) {
      const first = this.#firsts.get(id);
      if (first === undefined) this.#firsts.set(id, answer);
      else this.#repeats += 1;
      if (first !== undefined && first !== answer) this.#isVaried = true;
    }
  }

  areAllAlike(): boolean {
    return this.#repeats >= fewRepeats && !this.#isVaried;
  }
}

/** The question with the numbers of its missing answers; nothing where there are enough. */
function missingOf(
  question: Question,
  tallies: ReadonlyMap<string, Tally>,
  samples: number,
): AskedQuestion[] {
  const kept = tallies.get(question.item.id)?.numbers ?? new Set();
  const numbers = Array.from({ length: samples }, (_, number) => number);
  const missing = numbers.filter((number) => !kept.has(number));
  return missing.length === 0 ? [] : [{ question, numbers: missing }];
}

function gradeAnswers(
  work: LabelWork,
  question: Question,
  { numbers, answers, tokens }: SampledAnswers,
): AnswerRecord[] {
  const { temperature, topP, topK = null, seed } = work.sampling;
  return answers.map((answer, i) => ({
    ...recordOf(work, question),
    ...{ temperature, topP, topK, seed },
    sample: numbers[i] ?? 0,
    answer,
    tokens: tokens[i] ?? null,
    logLikelihood: null,
    grade: gradeAnswer(question.task, question.item, answer),
  }));
}

function addSampled(
  tasks: Map<string, SampledTask>,
  task: string,
  { answers, cost }: SampledAnswers,
): void {
  const before = tasks.get(task) ?? { task, questions: 0, answers: 0, tokens: 0 };
  tasks.set(task, {
    ...before,
    answers: before.answers + answers.length,
    tokens: before.tokens + (cost.completionTokens ?? 0),
  });
}

function countQuestion(tasks: Map<string, SampledTask>, task: string, isDone: boolean): void {
  const before = tasks.get(task);
  if (before !== undefined && isDone)
    tasks.set(task, { ...before, questions: before.questions + 1 });
}

async function keepTime(
  { store, suite, known }: LabelWork,
  seconds: number,
  tasks: readonly SampledTask[],
): Promise<void> {
  await keepSamplingTime(store, {
    checkpoint: known.id,
    run: known.facts.run,
    suite: suite.name,
    at: new Date().toISOString(),
    seconds,
    tasks,
  });
}
