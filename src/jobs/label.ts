/** Sampling: a checkpoint answers its questions, the answers are graded and kept, k of n become outcomes. */
import { createHash } from 'node:crypto';
import type { Checkpoint } from '../checkpoint/index.ts';
import { openLocalEngine, type SampledAnswers } from '../engine/index.ts';
import { UserError } from '../error/index.ts';
import type { OutcomeRecord } from '../outcomes/index.ts';
import type { AnswerRecord, Store } from '../store/index.ts';
import { gradeAnswer, type Suite } from '../suite/index.ts';
import { keepSamplingTime, type SampledTask } from './generation-time.ts';
import { type KnownCheckpoint, resolveCheckpoints } from './known-checkpoint.ts';
import { resolveSuite, type SuiteRequest } from './known-suite.ts';
import {
  chooseLabels,
  type ChooseRequest,
  describeDesign,
  type LabelledDesign,
  onlyChosen,
  prepareDesign,
} from './label-design.ts';
import { type JobContext, startProgress } from './progress.ts';
import { prepareQuestions, type Question } from './label-questions.ts';
import { resolveRender } from './prompts.ts';

export type LabelOptions = {
  /** Answers a question, at least 1. */
  readonly samples: number;
  /** 0 is greedy. */
  readonly temperature: number;
  readonly topP: number;
  /** Of the draws, and of the choice of questions. */
  readonly seed: number;
  /** Which questions; null or absent: all of them. */
  readonly choose?: ChooseRequest | null;
};

export type LabelledTask = {
  readonly suite: string;
  readonly task: string;
  readonly items: number;
  readonly samples: number;
  /** Mean over the items of k / n, 0…1. */
  readonly accuracy: number;
  /** Of that mean, from the spread between items; null for a single item. */
  readonly standardError: number | null;
};

export type LabelReport = {
  readonly checkpoint: string;
  readonly tasks: readonly LabelledTask[];
  /** Sampled tokens a second in this call; null where nothing was left to sample. */
  readonly tokensPerSecond: number | null;
  readonly seconds: number;
  /** How the questions were chosen; null where all were asked. */
  readonly design: LabelledDesign | null;
};

type Tally = { k: number; n: number };

/** Answers are kept at least this often: a kill loses no more than that. */
const keepEveryMs = 3000;

/**
 * Samples `samples` answers for every question, or every chosen one, grades and keeps them. What an earlier call kept is not sampled again,
 * and counts: asked for fewer samples than are kept, all of those make the outcome.
 *
 * @throws UserError for an item that cannot be graded and for a choice that cannot be made, before any work.
 */
export async function label(
  store: Store,
  request: SuiteRequest & { readonly checkpoint: string },
  options: LabelOptions,
  context: JobContext,
): Promise<LabelReport> {
  const startedAt = performance.now();
  const asked = await resolveSuite(store, request, context);
  const [known] = await resolveCheckpoints(store, [request.checkpoint], context);
  if (known?.opened == null) {
    throw new UserError(
      `label: expected a checkpoint whose folder is there, got \`${request.checkpoint}\``,
    );
  }
  const { opened } = known;
  const choose = options.choose ?? null;
  const from =
    choose === null
      ? { suite: asked, probe: null }
      : await prepareDesign(store, { suite: asked, tasks: request.tasks }, choose, context);
  const { suite } = from;
  const render = await resolveRender(request.render, known, suite);
  const all = await prepareQuestions(suite, opened, { render, asked: request.render });
  const { fingerprint } = opened;
  const of = { checkpoint: known, fingerprint, seed: options.seed };
  const design =
    choose === null ? null : await chooseLabels(store, from, { ...of, choose }, context);
  const questions = design === null ? all : onlyChosen(all, design);
  const work = { store, suite, opened, questions, options };
  const tallies = await readTallies(work);
  const sampled = await sampleMissing(work, tallies, context);
  await writeOutcomes(work, known, tallies);
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    checkpoint: opened.id,
    tasks: summarise(suite, questions, tallies),
    tokensPerSecond: sampled.tokens === 0 ? null : sampled.tokens / sampled.seconds,
    seconds,
    design: choose === null || design === null ? null : describeDesign(choose, design),
  };
}

type LabelWork = {
  readonly store: Store;
  readonly suite: Suite;
  readonly opened: Checkpoint;
  readonly questions: readonly Question[];
  readonly options: LabelOptions;
};

/** Grades of answers kept by earlier calls, by item. */
async function readTallies({
  store,
  suite,
  opened,
  questions,
  options,
}: LabelWork): Promise<Map<string, Tally>> {
  const tallies = new Map<string, Tally>();
  const byItem = new Map(questions.map((question) => [question.item.id, question]));
  const query = { suite: suite.name, tasks: [...suite.tasks.keys()], checkpoints: [opened.id] };
  for await (const answers of store.answers.stream(query)) {
    for (const answer of answers) {
      const question = byItem.get(answer.item);
      if (question === undefined || !isOfThisCall(answer, question, { opened, options })) continue;
      const tally = tallies.get(answer.item) ?? { k: 0, n: 0 };
      // Graded again: the targets or the grader may have changed since.
      const grade = gradeAnswer(question.task, question.item, answer.answer);
      tallies.set(answer.item, { k: tally.k + grade, n: tally.n + 1 });
    }
  }
  return tallies;
}

function isOfThisCall(
  answer: AnswerRecord,
  question: Question,
  { opened, options }: Pick<LabelWork, 'opened' | 'options'>,
): boolean {
  return (
    answer.fingerprint === opened.fingerprint &&
    answer.promptSha256 === question.promptSha256 &&
    answer.settingSha256 === question.settingSha256 &&
    answer.render === question.render &&
    answer.temperature === options.temperature &&
    answer.topP === options.topP &&
    answer.seed === options.seed
  );
}

async function sampleMissing(
  work: LabelWork,
  tallies: Map<string, Tally>,
  context: JobContext,
): Promise<{ tokens: number; seconds: number }> {
  const { opened, questions, options, store } = work;
  const missing = questions.filter(({ item }) => (tallies.get(item.id)?.n ?? 0) < options.samples);
  const finished = questions.length - missing.length;
  if (missing.length === 0) return { tokens: 0, seconds: 0 };
  await using engine = await openLocalEngine(opened);
  const report = startProgress(context.progress, {
    label: `label ${opened.id}`,
    unit: 'questions',
    total: questions.length,
    resumedAt: finished,
  });
  const byId = new Map(missing.map((question) => [question.prompt.id, question]));
  const startedAt = performance.now();
  let pending: AnswerRecord[] = [];
  let [done, tokens, keptAt] = [finished, 0, startedAt];
  const sampledTasks = new Map<string, SampledTask>();
  const keep = async (): Promise<void> => {
    await store.answers.write(pending, { run: opened.facts.run });
    pending = [];
    keptAt = performance.now();
  };
  report(done);
  try {
    for await (const sampled of engine.sample(
      missing.map(({ prompt }) => prompt),
      options,
    )) {
      const question = byId.get(sampled.id);
      if (question === undefined) throw new Error(`label: answers to unknown item ${sampled.id}`);
      const records = gradeAnswers(work, question, sampled);
      tallies.set(sampled.id, { k: sum(records.map(({ grade }) => grade)), n: records.length });
      pending.push(...records);
      done += 1;
      tokens += sum(sampled.tokens);
      addSampled(sampledTasks, question.task.name, sampled);
      report(done);
      if (performance.now() - keptAt >= keepEveryMs) await keep();
      context.signal.throwIfAborted();
    }
  } finally {
    await keep();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  await keepSamplingTime(store, {
    checkpoint: opened.id,
    run: opened.facts.run,
    suite: work.suite.name,
    at: new Date().toISOString(),
    seconds,
    tasks: [...sampledTasks.values()],
  });
  return { tokens, seconds };
}

function addSampled(
  tasks: Map<string, SampledTask>,
  task: string,
  { answers, tokens }: SampledAnswers,
): void {
  const before = tasks.get(task) ?? { task, questions: 0, answers: 0, tokens: 0 };
  tasks.set(task, {
    task,
    questions: before.questions + 1,
    answers: before.answers + answers.length,
    tokens: before.tokens + sum(tokens),
  });
}

function gradeAnswers(
  { suite, opened, options }: LabelWork,
  { item, task, render, promptSha256: hash, settingSha256 }: Question,
  sampled: SampledAnswers,
): AnswerRecord[] {
  return sampled.answers.map((answer, sample) => ({
    suite: suite.name,
    task: task.name,
    item: item.id,
    checkpoint: opened.id,
    fingerprint: opened.fingerprint,
    render,
    promptSha256: hash,
    settingSha256,
    temperature: options.temperature,
    topP: options.topP,
    seed: options.seed,
    sample,
    answer,
    tokens: sampled.tokens[sample] ?? 0,
    grade: gradeAnswer(task, item, answer),
    source: sourceOf(options),
  }));
}

function sourceOf({ seed }: LabelOptions): string {
  return `label:${seed}`;
}

async function writeOutcomes(
  { store, suite, opened, questions, options }: LabelWork,
  { facts }: KnownCheckpoint,
  tallies: ReadonlyMap<string, Tally>,
): Promise<void> {
  const records = questions.map(({ item, task, render, promptSha256: hash }): OutcomeRecord => {
    const { k, n } = tallies.get(item.id) ?? { k: 0, n: 0 };
    return {
      ...facts,
      // A record's facts are exact: what a name rounded or we derived stays with the checkpoint.
      tokens: opened.facts.tokensExact ? facts.tokens : null,
      flops: opened.facts.flopsGiven ? facts.flops : null,
      suite: suite.name,
      task: task.name,
      item: item.id,
      checkpoint: opened.id,
      k,
      n,
      kind: 'count',
      chance: task.chance,
      temperature: options.temperature,
      topP: options.topP,
      seed: options.seed,
      filter: null,
      render,
      promptSha256: hash,
      fewShot: null,
      chatTemplate: null,
      documentHash: null,
      targetHash: null,
      source: sourceOf(options),
      loss: null,
      lossUnit: null,
    };
  });
  const identity = createHash('sha256').update(opened.fingerprint).update(JSON.stringify(records));
  await store.outcomes.write(records, {
    identity: `label ${identity.digest('hex')}`,
    name: sourceOf(options),
    replace: true,
  });
}

function summarise(
  suite: Suite,
  questions: readonly Question[],
  tallies: ReadonlyMap<string, Tally>,
): LabelledTask[] {
  return [...suite.tasks.keys()].flatMap((task) => {
    const counts = questions
      .filter(({ item }) => item.task === task)
      .map(({ item }) => tallies.get(item.id) ?? { k: 0, n: 0 });
    if (counts.length === 0) return [];
    const rates = counts.map(({ k, n }) => (n === 0 ? 0 : k / n));
    const accuracy = sum(rates) / rates.length;
    const spread = sum(rates.map((rate) => (rate - accuracy) ** 2)) / (rates.length - 1);
    return [
      {
        suite: suite.name,
        task,
        items: counts.length,
        samples: sum(counts.map(({ n }) => n)),
        accuracy,
        standardError: rates.length < 2 ? null : Math.sqrt(spread / rates.length),
      },
    ];
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
