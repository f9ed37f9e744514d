import type { Item, Task } from '../suite/index.ts';
import type { OutcomeRecord } from './record.ts';
import type { RecordTable } from './table.ts';

/** The model that a log is about, as the log names it. */
export type LogModel = {
  /** A repository, a path or a label. */
  readonly name: string;
  /** Branch, tag or commit of the repository; null where the log names none. */
  readonly revision: string | null;
};

/** Which checkpoint a log is about, and what its names say of it. */
export type LogCheckpoint = Pick<
  OutcomeRecord,
  'checkpoint' | 'run' | 'stage' | 'step' | 'tokens' | 'flops'
>;

/** A question as a log holds it, ready for a suite. */
export type LogQuestion = {
  readonly item: Item;
  /** Settings of the item's task as far as the log tells; the first of a task count. */
  readonly task: Task;
};

/** One answer of a model as a log holds it. */
export type LogAnswer = {
  readonly task: string;
  readonly item: string;
  readonly checkpoint: string;
  /** The metric and filter that graded it, as in the outcome; null where one answer serves all. */
  readonly filter: string | null;
  /** Number of the answer among those of its question, from 0. */
  readonly sample: number;
  readonly answer: string;
  /** What the harness took out of the answer; null where it keeps nothing. */
  readonly extracted: string | null;
  /** Its grade in 0…1; null where the harness graded none or only all together. */
  readonly grade: number | null;
};

/** Records of questions under one filter of a task. */
export type LogFilter = { readonly task: string; readonly filter: string };

/** What the harness itself wrote of a task, to hold against what its rows give. */
export type LogClaim = {
  readonly task: string;
  readonly checkpoint: string;
  readonly filter: string | null;
  /** Mean over the questions, 0…1. */
  readonly accuracy: number;
};

export type ImportOptions = {
  /** The suite of records that name none. */
  suite?: string;
  /** The checkpoint of records that name none; of a log whose model says no step. */
  checkpoint?: string;
  /** Names the checkpoint behind a log's model. @default `identifyModel`, by names alone */
  identify?: (model: LogModel) => LogCheckpoint | Promise<LogCheckpoint>;
  /** Hears what the user should know of a file that is read nevertheless, once each. */
  onNotice?: (notice: string) => void;
  /** Hears of each question whose prompt the log holds; the same one may come again. */
  onQuestion?: (question: LogQuestion) => void;
  /** Hears of each answer that the log holds. */
  onAnswer?: (answer: LogAnswer) => void;
  /** Hears that the records of questions under a filter were no outcomes: a later value showed it. */
  onWithdraw?: (filter: LogFilter) => void;
  /** Hears of what the harness wrote of the tasks whose rows are read. */
  onClaim?: (claim: LogClaim) => void;
};

/** Reads one format of results. */
export interface Importer {
  /** Its name on the command line. */
  readonly format: string;
  /** How sure it is, by content and not by name, that a file is its own: 0 (not at all) … 1. Never throws for content. */
  detect(path: string): Promise<number>;
  /** Other files that `read` opens as well, absolute: results beside samples. Each exists. */
  companions?(path: string): Promise<string[]>;
  /** Why a file of this format has no results of its own (it is read with another one, or holds none); null where it has. */
  passOver?(path: string): Promise<string | null>;
  /**
   * The file's records, each valid, one after the other.
   *
   * @throws UserError naming place and value for the first thing that is wrong.
   */
  read(path: string, options?: ImportOptions): AsyncIterable<OutcomeRecord>;
  /**
   * The same records as a table that the store can read by itself, many times faster; null where the file is none. Only of
   * formats that tell neither questions nor answers.
   */
  table?(path: string, options?: ImportOptions): Promise<RecordTable | null>;
}
