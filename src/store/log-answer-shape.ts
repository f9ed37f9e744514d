import type { LogAnswer } from '../outcomes/index.ts';
import { number } from './outcome-rows.ts';
import type { RecordShape } from './record-shape.ts';
import { type Column, shapeOf, someTextIn, textIn, wholeIn } from './record-shapes.ts';

/** An answer out of a harness log, as the harness graded it. */
export type LogAnswerRecord = LogAnswer & {
  readonly suite: string;
  /** The log's file, as the outcomes name their source. */
  readonly source: string;
};

const gradeIn: Column<number | null> = { name: 'grade', type: 'DOUBLE', read: number };

export const logAnswerShape: RecordShape<LogAnswerRecord> = shapeOf<LogAnswerRecord>(
  'log-answers',
  {
    suite: someTextIn('suite'),
    task: someTextIn('task'),
    item: someTextIn('item'),
    checkpoint: someTextIn('checkpoint'),
    filter: textIn('filter'),
    sample: wholeIn('sample'),
    answer: someTextIn('answer'),
    extracted: textIn('extracted'),
    grade: gradeIn,
    source: someTextIn('source'),
  },
  ['suite', 'task', 'item', 'checkpoint', 'filter', 'sample', 'source'],
);
