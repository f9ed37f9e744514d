/** What a user should know of a log that is read nevertheless. */
import type { Outcome, ReadLog } from './log-records.ts';

export type LogEnd = {
  /** The file is that of a finished run. */
  readonly isFinished: boolean;
  /** As the log names it; null where it names none. */
  readonly status: string | null;
  /** Somebody hears of the questions. */
  readonly isAsked: boolean;
};

export function noticesOf(log: ReadLog, outcome: Outcome, end: LogEnd): string[] {
  const { tally, results } = log;
  const { samples, unscored, invalidated, withoutPrompt, varied } = tally;
  return [
    ...endNotices(log, end),
    ...(unscored > 0 ? [`${unscored} of ${samples} samples have no score: they are left out`] : []),
    ...(invalidated > 0
      ? [
          `${invalidated} of ${samples} samples were invalidated: they are left out, and the harness’s results with them`,
        ]
      : []),
    ...(outcome.isPartial && varied === 0
      ? [
          `the log holds ${samples} of the ${results?.total ?? 'many'} samples that its results are about: these are kept as the task’s, the rows beside them`,
        ]
      : []),
    ...(varied > 0
      ? [
          `${varied} questions were asked in several wordings over their epochs: the outcomes of each wording are kept apart`,
        ]
      : []),
    ...(withoutPrompt > 0
      ? [`${withoutPrompt} samples hold no prompt that is text: their questions are not kept`]
      : []),
    ...scoreNotices(outcome),
    ...(end.isAsked && samples > withoutPrompt && log.settings.chatTemplate === null
      ? ['questions are kept as messages: the log does not hold the chat template around them']
      : []),
  ];
}

function endNotices({ tally, results }: ReadLog, { isFinished, status }: LogEnd): string[] {
  if (!isFinished || status === 'started') {
    return [`the run was not finished: the ${tally.samples} samples written until then are read`];
  }
  const isSound = status === null || status === 'success';
  return [
    ...(isSound
      ? []
      : [`the run ended with status \`${status}\`: its ${tally.samples} samples are read`]),
    ...(results === null && tally.samples > 0 ? ['the log has no results of the harness'] : []),
  ];
}

function scoreNotices({ scored }: Outcome): string[] {
  const notices: string[] = [];
  for (const [filter, { tally, scoring }] of scored) {
    if (scoring.kind === null) {
      notices.push(
        `scores of \`${filter}\` ${scoring.refusal}: no question gets an outcome by them, the task’s results are kept`,
      );
    } else if (tally.strange !== null) {
      notices.push(
        `scores of \`${filter}\` like ${tally.strange} count 0, as the harness counts them`,
      );
    }
  }
  return notices;
}
