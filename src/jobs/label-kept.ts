/** What earlier calls kept of the questions asked now. */
import type { AnswerRecord } from '../store/index.ts';
import { gradeAnswer } from '../suite/index.ts';
import { isScored, type Question } from './label-questions.ts';
import { isToQuestion, type LabelWork, type Sampling } from './label-work.ts';

/** Sampled answers of a question. */
export type Tally = { k: number; readonly numbers: Set<number> };

export type KeptAnswers = {
  /** By item: sampled answers, graded. */
  readonly tallies: Map<string, Tally>;
  /** By item: log-likelihoods of its choices by their places. */
  readonly scores: Map<string, Map<number, number>>;
};

export async function readKept(work: LabelWork): Promise<KeptAnswers> {
  const { store, suite, known, questions } = work;
  const kept: KeptAnswers = { tallies: new Map(), scores: new Map() };
  const byItem = new Map(questions.map((question) => [question.item.id, question]));
  const query = { suite: suite.name, tasks: [...suite.tasks.keys()], checkpoints: [known.id] };
  for await (const answers of store.answers.stream(query)) {
    for (const answer of answers) {
      const question = byItem.get(answer.item);
      if (question === undefined || !isToQuestion(answer, question, work.respondent)) continue;
      if (isScored(question.task)) takeScore(kept, question, answer);
      else if (isSampledSo(answer, work.sampling)) takeAnswer(kept, question, answer);
    }
  }
  return kept;
}

function takeAnswer({ tallies }: KeptAnswers, question: Question, answer: AnswerRecord): void {
  // Graded again: the targets or the grader may have changed since.
  const grade = gradeAnswer(question.task, question.item, answer.answer);
  countAnswer(tallies, answer, grade);
}

/** Counts an answer once, whoever kept it again. */
export function countAnswer(
  tallies: Map<string, Tally>,
  { item, sample }: Pick<AnswerRecord, 'item' | 'sample'>,
  grade: number,
): void {
  const tally = tallies.get(item) ?? { k: 0, numbers: new Set() };
  tallies.set(item, tally);
  if (tally.numbers.has(sample)) return;
  tally.numbers.add(sample);
  tally.k += grade;
}

function takeScore({ scores }: KeptAnswers, { item }: Question, answer: AnswerRecord): void {
  const { sample: place, logLikelihood } = answer;
  // The choices may have changed since.
  if (logLikelihood === null || item.choices?.[place] !== answer.answer) return;
  keepScore(scores, { item: item.id, place }, logLikelihood);
}

export function keepScore(
  scores: Map<string, Map<number, number>>,
  { item, place }: { readonly item: string; readonly place: number },
  logLikelihood: number,
): void {
  const own = scores.get(item) ?? new Map<number, number>();
  scores.set(item, own.set(place, logLikelihood));
}

function isSampledSo(answer: AnswerRecord, { temperature, topP, topK, seed }: Sampling): boolean {
  return (
    answer.temperature === temperature &&
    answer.topP === topP &&
    answer.topK === (topK ?? null) &&
    answer.seed === seed
  );
}
