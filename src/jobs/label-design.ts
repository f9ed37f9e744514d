/** Which questions of a checkpoint to label, and the record of how they were chosen. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { UserError } from '../error/index.ts';
import { chooseQuestions, type Design, shareBudget } from '../estimate/index.ts';
import { predictCheckpoint } from '../probe/index.ts';
import { canonicalJson, type Store } from '../store/index.ts';
import { restrictTasks, type Suite } from '../suite/index.ts';
import { isFittedOn } from './estimates.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import type { JobContext } from './progress.ts';
import { checkTasks, openProbe, prepareScoring, type ScoringProbe } from './score-checkpoint.ts';

export type ChooseRequest = {
  /** Labels for all tasks together, at least 2 a task. */
  readonly questions: number;
  readonly design: Design;
  /** A fitted probe, whose predictions choose; null: none, which `random` alone can do without. */
  readonly probe: string | null;
};

export type DesignedTask = {
  readonly task: string;
  /** `hash` of the suite's questions of this task: the lists below are in their order. */
  readonly hash: string;
  readonly items: readonly string[];
  /** Places of the chosen ones, ascending. */
  readonly chosen: readonly number[];
  /** Of every question: the probability with which it is chosen, above 0. */
  readonly inclusion: readonly number[];
  /** Of every question, from 0. */
  readonly stratum: readonly number[];
};

/** What `designs/<id>.json` holds. */
export type LabelDesign = {
  /** When it was chosen, ISO 8601. */
  readonly at: string;
  readonly checkpoint: string;
  /** Null where no folder of the checkpoint is known. */
  readonly fingerprint: string | null;
  readonly suite: string;
  readonly design: Design;
  readonly questions: number;
  readonly seed: number;
  readonly probe: { readonly name: string; readonly id: string } | null;
  readonly tasks: readonly DesignedTask[];
};

export const labelDesignSchema: z.ZodType<LabelDesign> = z.object({
  at: z.string(),
  checkpoint: z.string(),
  fingerprint: z.string().nullable(),
  suite: z.string(),
  design: z.enum(['random', 'stratified', 'pps']),
  questions: z.number().int(),
  seed: z.number().int(),
  probe: z.object({ name: z.string(), id: z.string() }).nullable(),
  tasks: z.array(
    z.object({
      task: z.string(),
      hash: z.string(),
      items: z.array(z.string()),
      chosen: z.array(z.number().int().min(0)),
      inclusion: z.array(z.number().gt(0).max(1)),
      stratum: z.array(z.number().int().min(0)),
    }),
  ),
});

export type DesignWork = {
  /** The tasks that are chosen from. */
  readonly suite: Suite;
  readonly probe: ScoringProbe | null;
};

/**
 * The questions to choose from, and the probe that chooses: without a choice of tasks, those that the probe knows.
 *
 * @throws UserError where the design needs a probe, the probe knows other questions, or the budget does not fit.
 */
export async function prepareDesign(
  store: Store,
  asked: { readonly suite: Suite; readonly tasks: readonly string[] | null },
  choose: ChooseRequest,
  { note }: JobContext,
): Promise<DesignWork> {
  const { design, probe: name } = choose;
  if (name === null) {
    if (design !== 'random') {
      throw new UserError(
        `--design ${design}: expected --probe with a fitted probe, whose predictions choose the questions, got none`,
      );
    }
    checkBudget(asked.suite, choose.questions);
    return { suite: asked.suite, probe: null };
  }
  const probe = await openProbe(store, name);
  checkTasks(probe, name, asked.tasks);
  const known = [...asked.suite.tasks.keys()].filter((task) => probe.origin.tasks.includes(task));
  const suite = restrictTasks(asked.suite, known);
  if (known.length === 0 || suite.hash !== restrictTasks(probe.suite, known).hash) {
    throw new UserError(
      `--probe: expected one that was fitted on the questions of suite \`${suite.name}\`, \`${name}\` was fitted on others (suite \`${probe.origin.suite}\`)`,
    );
  }
  const left = [...asked.suite.tasks.keys()].filter((task) => !known.includes(task));
  if (left.length > 0) note(`left out: tasks that probe ${name} does not know: ${left.join(', ')}`);
  checkBudget(suite, choose.questions);
  return { suite, probe };
}

function checkBudget({ name, items, tasks }: Suite, questions: number): void {
  const least = 2 * tasks.size;
  if (questions > items.length) {
    throw new UserError(
      `--questions: expected at most ${items.length}, which suite \`${name}\` has (tasks ${[...tasks.keys()].join(', ')}), got ${questions}; without --questions all are labelled`,
    );
  }
  if (questions < least) {
    throw new UserError(
      `--questions: expected at least ${least}, two for each of ${tasks.size} tasks, got ${questions}; take fewer tasks with --tasks`,
    );
  }
}

/**
 * Chooses the questions, and keeps the choice before any of them is labelled. The same request again finds the kept one.
 *
 * @throws UserError where the probe was fitted on outcomes of this checkpoint: what it says there is not a prediction.
 */
export async function chooseLabels(
  store: Store,
  { suite, probe }: DesignWork,
  of: {
    readonly checkpoint: KnownCheckpoint;
    readonly fingerprint: string | null;
    readonly choose: ChooseRequest;
    readonly seed: number;
  },
  context: JobContext,
): Promise<LabelDesign> {
  const { checkpoint, fingerprint, choose, seed } = of;
  if (probe !== null && isFittedOn(probe, checkpoint)) {
    throw new UserError(
      `--probe: \`${choose.probe ?? ''}\` was fitted on outcomes of \`${checkpoint.id}\`, and questions are chosen by predictions made without them; take another probe, or --design random without one`,
    );
  }
  const { questions, design } = choose;
  const about = {
    ...{ checkpoint: checkpoint.id, fingerprint, suite: suite.name, design, questions, seed },
    probe: probe === null ? null : { name: probe.model.card.name, id: probe.id },
  };
  const key = canonicalJson({ ...about, probe: probe?.id ?? null, hash: suite.hash });
  const id = createHash('sha256').update(key).digest('hex').slice(0, 32);
  const kept = await store.designs.read(id);
  if (kept !== null) return readDesign(kept);
  const predicted = await predictedOf(store, { suite, probe, checkpoint }, context);
  const at = new Date().toISOString();
  await store.designs.create(id, { at, ...about, tasks: chooseTasks(suite, predicted, of) });
  const made = await store.designs.read(id);
  if (made === null) throw new Error(`label: design ${id} vanished`);
  return readDesign(made);
}

function readDesign(found: { path: string; document: unknown; intact: boolean }): LabelDesign {
  const parsed = found.intact ? labelDesignSchema.safeParse(found.document) : null;
  if (parsed?.success === true) return parsed.data;
  throw new UserError(
    `label: expected the choice of questions that an earlier call wrote, ${found.path} was changed; remove it, or restore it`,
  );
}

/** By item id; one half throughout without a probe. */
async function predictedOf(
  store: Store,
  { suite, probe, checkpoint }: DesignWork & { readonly checkpoint: KnownCheckpoint },
  context: JobContext,
): Promise<ReadonlyMap<string, number>> {
  if (probe === null) return new Map(suite.items.map(({ id }) => [id, 0.5]));
  const scoring = await prepareScoring(store, probe, checkpoint, context);
  const { items } = await predictCheckpoint(probe.model, scoring.input);
  return new Map(items.map(({ item, p }) => [item, p]));
}

/** Least labels of a task where the budget allows it: enough for five strata. */
const comfortable = 10;

function chooseTasks(
  suite: Suite,
  predicted: ReadonlyMap<string, number>,
  { choose, seed }: { readonly choose: ChooseRequest; readonly seed: number },
): DesignedTask[] {
  const tasks = [...suite.tasks.keys()].map((task) => {
    const ids = suite.items.flatMap((item) => (item.task === task ? [item.id] : []));
    return { task, ids, predicted: Float64Array.from(ids, (id) => predicted.get(id) ?? 0.5) };
  });
  const least = Math.min(comfortable, Math.floor(choose.questions / tasks.length));
  const budgets = shareBudget(tasks, choose.questions, least);
  return tasks.map((task, index) => {
    // A task of one question takes one.
    const budget = Math.max(2, budgets[index] ?? 0);
    const choice = chooseQuestions({ ...task, budget, design: choose.design, seed });
    return {
      task: task.task,
      hash: restrictTasks(suite, [task.task]).hash,
      items: task.ids,
      chosen: [...choice.places],
      inclusion: [...choice.inclusion],
      stratum: [...choice.stratum],
    };
  });
}

/** Those of a list of questions that are chosen. */
export function onlyChosen<Question extends { readonly item: { readonly id: string } }>(
  questions: readonly Question[],
  { tasks }: LabelDesign,
): Question[] {
  const chosen = new Set(
    tasks.flatMap(({ items, chosen: places }) => places.map((place) => items[place] ?? '')),
  );
  return questions.filter(({ item }) => chosen.has(item.id));
}

/** How the questions were chosen, for a report. */
export type LabelledDesign = ChooseRequest & {
  readonly seed: number;
  readonly tasks: readonly {
    readonly task: string;
    readonly questions: number;
    readonly chosen: number;
  }[];
};

export function describeDesign(
  choose: ChooseRequest,
  { seed, tasks }: LabelDesign,
): LabelledDesign {
  const counts = tasks.map(({ task, items, chosen }) => {
    return { task, questions: items.length, chosen: chosen.length };
  });
  return { ...choose, seed, tasks: counts };
}
