/** What the steps of a labelling share. */
import type { TokenCost } from '../engine/index.ts';
import type { AnswerRecord, Store } from '../store/index.ts';
import type { Suite } from '../suite/index.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import type { Question } from './label-questions.ts';
import type { Answering, Respondent } from './label-respondent.ts';

export type Sampling = {
  /** Answers a question, at least 1. */
  readonly samples: number;
  /** 0 is greedy. */
  readonly temperature: number;
  readonly topP: number;
  /** Null or absent: all tokens. */
  readonly topK?: number | null;
  /** Of the draws, and of the choice of questions. */
  readonly seed: number;
};

export type LabelWork = {
  readonly store: Store;
  readonly suite: Suite;
  readonly known: KnownCheckpoint;
  readonly respondent: Respondent;
  readonly answering: Answering;
  readonly questions: readonly Question[];
  readonly sampling: Sampling;
};

export function sourceOf({ seed }: Sampling): string {
  return `label:${seed}`;
}

/** Of choices whose likelihoods were compared: no seed plays a part. */
export const likelihoodSource = 'label:likelihood';

/** What answers to a question share as they are kept. */
export function recordOf(
  { suite, known, respondent, sampling }: LabelWork,
  { item, task, render, promptSha256, settingSha256 }: Question,
): Pick<
  AnswerRecord,
  | 'suite'
  | 'task'
  | 'item'
  | 'checkpoint'
  | 'fingerprint'
  | 'render'
  | 'promptSha256'
  | 'settingSha256'
  | 'source'
> {
  return {
    suite: suite.name,
    task: task.name,
    item: item.id,
    checkpoint: known.id,
    fingerprint: respondent.fingerprint,
    render,
    promptSha256,
    settingSha256,
    source: sourceOf(sampling),
  };
}

/** Whether a kept answer is to this question as it is put now, by the same weights or the same server's model. */
export function isToQuestion(
  answer: AnswerRecord,
  question: Question,
  { fingerprint }: Respondent,
): boolean {
  return (
    answer.fingerprint === fingerprint &&
    answer.promptSha256 === question.promptSha256 &&
    answer.settingSha256 === question.settingSha256 &&
    answer.render === question.render
  );
}

/** Answers are kept after so long, or a fiftieth of the time so far: a kill loses no more, and parts stay few. */
const keepEveryMs = 3000;
const keepEveryShare = 0.02;

/** Collects answers and writes them from time to time. */
export class AnswerKeeper {
  readonly #work: LabelWork;
  readonly #startedAt: number = performance.now();
  #keptAt = this.#startedAt;
  #pending: AnswerRecord[] = [];

  constructor(work: LabelWork) {
    this.#work = work;
  }

  async add(records: readonly AnswerRecord[]): Promise<void> {
    this.#pending.push(...records);
    const now = performance.now();
    const every = Math.max(keepEveryMs, keepEveryShare * (now - this.#startedAt));
    if (now - this.#keptAt >= every) await this.flush();
  }

  async flush(): Promise<void> {
    const records = this.#pending;
    this.#pending = [];
    const { store, known } = this.#work;
    await store.answers.write(records, { run: known.facts.run });
    this.#keptAt = performance.now();
  }
}

/** The sum, unknown where a part is. */
export function addCosts(a: TokenCost, b: TokenCost): TokenCost {
  return {
    promptTokens: plus(a.promptTokens, b.promptTokens),
    completionTokens: plus(a.completionTokens, b.completionTokens),
  };
}

export const noCost: TokenCost = { promptTokens: 0, completionTokens: 0 };

function plus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
