/** What sampling answers takes, so that what predictions save can be told in seconds. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson, type Store } from '../store/index.ts';

export type SampledTask = {
  readonly task: string;
  /** Questions that were sampled in that call, and the answers to them together. */
  readonly questions: number;
  readonly answers: number;
  readonly tokens: number;
};

export type SamplingTime = {
  readonly checkpoint: string;
  readonly run: string | null;
  readonly suite: string;
  /** When sampling ended, ISO 8601. */
  readonly at: string;
  readonly seconds: number;
  readonly tasks: readonly SampledTask[];
};

const count = z.number().int().min(0);
const schema: z.ZodType<SamplingTime> = z.object({
  checkpoint: z.string(),
  run: z.string().nullable(),
  suite: z.string(),
  at: z.string(),
  seconds: z.number().min(0),
  tasks: z.array(z.object({ task: z.string(), questions: count, answers: count, tokens: count })),
});

export async function keepSamplingTime(store: Store, time: SamplingTime): Promise<void> {
  const id = createHash('sha256').update(canonicalJson(time)).digest('hex').slice(0, 32);
  await store.samplingTimes.create(id, time);
}

/** Seconds one answer to a task's question takes. */
export type AnswerSeconds = {
  readonly seconds: number;
  /** `this checkpoint` or how many of its run it was measured at. */
  readonly from: string;
};

type About = { readonly checkpoint: string; readonly run: string | null; readonly suite: string };

/**
 * By task, as `label` measured it at this checkpoint, else at others of its run. A call's seconds are shared among its
 * tasks by the tokens they took.
 */
export async function readAnswerSeconds(
  store: Store,
  { checkpoint, run, suite }: About,
): Promise<ReadonlyMap<string, AnswerSeconds>> {
  const found = await store.samplingTimes.list();
  const times = found.flatMap(({ document, intact }) => {
    const parsed = intact ? schema.safeParse(document) : null;
    return parsed?.success === true && parsed.data.suite === suite ? [parsed.data] : [];
  });
  const own = times.filter((time) => time.checkpoint === checkpoint);
  const siblings = times.filter((time) => run !== null && time.run === run);
  return new Map([...meanSeconds(siblings), ...meanSeconds(own, 'this checkpoint')]);
}

function meanSeconds(times: readonly SamplingTime[], from?: string): Map<string, AnswerSeconds> {
  const sums = new Map<string, { seconds: number; answers: number; at: Set<string> }>();
  for (const { checkpoint, seconds, tasks } of times) {
    const all = tasks.reduce((sum, { tokens }) => sum + tokens, 0);
    for (const { task, answers, tokens } of tasks) {
      if (answers === 0 || all === 0) continue;
      const sum = sums.get(task) ?? { seconds: 0, answers: 0, at: new Set() };
      sum.seconds += (seconds * tokens) / all;
      sum.answers += answers;
      sums.set(task, { ...sum, at: sum.at.add(checkpoint) });
    }
  }
  const means = [...sums].map(([task, { seconds, answers, at }]): [string, AnswerSeconds] => {
    const where =
      from ?? (at.size === 1 ? 'another checkpoint of its run' : `${at.size} others of its run`);
    return [task, { seconds: seconds / answers, from: where }];
  });
  return new Map(means);
}
