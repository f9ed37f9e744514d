import type { ImportOptions } from '../../importer.ts';
import { logItem, logTask } from '../../log/log-task.ts';
import { type AskedQuestion, type NoQuestion, noQuestionReasons } from './question.ts';

export type QuestionTelling = {
  readonly task: string;
  readonly options: ImportOptions;
  /** The filter that a suite is to declare for the task. */
  readonly declared: string | null;
  /** How many documents make no question. */
  readonly without: Map<NoQuestion, number>;
};

/** Gives a question on to whoever makes a suite of the log's; counts the documents that make none. */
export function tellQuestion(
  question: AskedQuestion | NoQuestion,
  id: string,
  { task, options, declared, without }: QuestionTelling,
): void {
  if (typeof question === 'string') {
    without.set(question, (without.get(question) ?? 0) + 1);
    return;
  }
  if (options.onQuestion === undefined) return;
  const { prompt, messages, choices, target, prefix, stop, maxTokens } = question;
  const meta = prefix === null ? {} : { assistantPrefix: prefix };
  options.onQuestion({
    item: logItem({ task, id, prompt, messages, target, choices, meta }),
    task: logTask({
      name: task,
      filter: declared,
      ...(choices === null ? {} : { chance: 1 / choices.length }),
      ...(choices === null ? {} : { grader: { type: 'loglikelihood', delimiter: '' } }),
      ...(stop.length === 0 ? {} : { stop }),
      ...(maxTokens === null ? {} : { maxTokens }),
    }),
  });
}

export function tellWithout({ without, options }: QuestionTelling): void {
  for (const [reason, documents] of without) {
    options.onNotice?.(`${documents} questions ${noQuestionReasons[reason]}: they go to no suite`);
  }
}
