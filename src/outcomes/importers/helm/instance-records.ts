/** Records of single instances, out of scores and requests. */
import type { ImportOptions, LogCheckpoint } from '../../importer.ts';
import { makeRecord } from '../../log/blank-record.ts';
import { logItemId, logTask } from '../../log/log-task.ts';
import type { OutcomeRecord } from '../../record.ts';
import { type Asked, readRequests } from './requests.ts';
import { type HelmRun, helmTask } from './run-spec.ts';
import type { ScoredInstance } from './scores.ts';
import { helmKind, type HelmStat } from './stat.ts';

export type HelmContext = {
  readonly run: HelmRun;
  readonly checkpoint: LogCheckpoint;
  readonly options: ImportOptions;
  /** Metrics that are scores of every instance. */
  readonly metrics: ReadonlySet<string>;
};

/** What is kept of a request until its scores come. */
export type Prompt = Pick<Asked, 'render' | 'promptSha256' | 'topP'> & {
  /** Right answers among all that are stored; null where one is stored, or cannot be scored as HELM does. */
  readonly repeats: { right: number; answers: number } | null;
};

export type Prompts = {
  readonly of: ReadonlyMap<string, Prompt>;
  /** Some instance's choices have prompts with no beginning in common. */
  readonly broken: boolean;
};

/** Reads the requests, hands on questions and answers, and keeps what the records need. */
export async function takePrompts(path: string, context: HelmContext): Promise<Prompts> {
  const of = new Map<string, Prompt>();
  let broken = false;
  for await (const asked of readRequests(path, context.run)) {
    const { render, promptSha256: sha, topP } = asked;
    broken ||= sha === null;
    of.set(promptKey(asked), {
      render,
      promptSha256: sha,
      topP,
      repeats: repeatsOf(asked, context),
    });
    // Other trials ask the same questions behind other examples: a suite keeps the first.
    if (asked.trial === 0 && sha !== null) {
      context.options.onQuestion?.({ item: asked.item, task: taskOf(asked, context.run) });
    }
    tellAnswers(asked, context);
  }
  return { of, broken };
}

export function promptKey({ instance, trial }: { instance: string; trial: number }): string {
  return `${trial}\n${instance}`;
}

function repeatsOf({ answers }: Asked, { metrics }: HelmContext): Prompt['repeats'] {
  if (answers.length < 2 || !metrics.has('exact_match')) return null;
  if (answers.some(({ right }) => right === null)) return null;
  return {
    right: answers.reduce((sum, { right }) => sum + (right ?? 0), 0),
    answers: answers.length,
  };
}

function taskOf({ item }: Asked, run: HelmRun): ReturnType<typeof logTask> {
  const choices = item.choices?.length ?? 0;
  return logTask({
    name: item.task,
    chance: choices > 1 ? 1 / choices : undefined,
    maxTokens: run.maxTokens ?? undefined,
    stop: run.stop,
    grader: run.ranked ? { type: 'loglikelihood' } : choices > 0 ? { type: 'choice' } : undefined,
  });
}

function tellAnswers(asked: Asked, { options, checkpoint, metrics }: HelmContext): void {
  if (options.onAnswer === undefined) return;
  asked.answers.forEach(({ text, mapped, right }, index) => {
    const graded = right !== null && metrics.has('exact_match');
    options.onAnswer?.({
      task: asked.item.task,
      item: asked.item.id,
      checkpoint: checkpoint.checkpoint,
      filter: graded ? 'exact_match' : null,
      sample: asked.trial * asked.answers.length + index,
      answer: text,
      extracted: mapped,
      grade: graded ? right : null,
    });
  });
}

/** Makes the records of an instance: one for each metric, and one for its stored repeats. */
export type RecordMaker = (scored: ScoredInstance, prompt: Prompt | null) => OutcomeRecord[];

export function createRecordMaker(context: HelmContext): RecordMaker {
  // What the records of one metric and split have in common: made once, since there may be millions.
  const templates = new Map<string, OutcomeRecord>();
  const templateOf = (stat: HelmStat): OutcomeRecord => {
    const key = `${stat.metric}\n${stat.split ?? ''}\n${stat.subSplit ?? ''}`;
    const known = templates.get(key) ?? template(stat, context);
    templates.set(key, known);
    return known;
  };
  return (scored, prompt) => {
    const records: OutcomeRecord[] = [];
    const promptSha256 = prompt?.promptSha256 ?? null;
    const render = promptSha256 === null ? null : (prompt?.render ?? null);
    const fewShot = scored.fewShot ?? context.run.fewShot;
    for (const stat of scored.stats) {
      const { metric, mean, count } = stat;
      if (!context.metrics.has(metric)) continue;
      const shared = templateOf(stat);
      const record: OutcomeRecord = {
        ...shared,
        item: logItemId(shared.task, scored.instance),
        k: shared.kind === 'count' ? mean * count : mean,
        n: count,
        topP: prompt?.topP ?? null,
        render,
        promptSha256,
        fewShot,
      };
      records.push(record);
      if (metric === 'exact_match' && prompt?.repeats != null) {
        const { right, answers } = prompt.repeats;
        records.push({ ...record, filter: 'exact_match,all-repeats', k: right, n: answers });
      }
    }
    return records;
  };
}

function template(stat: HelmStat, { run, checkpoint, options }: HelmContext): OutcomeRecord {
  return makeRecord({
    ...checkpoint,
    suite: options.suite ?? 'helm',
    task: helmTask(run.name, stat),
    kind: helmKind(stat.metric),
    filter: stat.metric,
    temperature: run.temperature,
    seed: run.seed,
  });
}
