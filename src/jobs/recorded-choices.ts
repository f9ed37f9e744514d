/** What the store says of how labelled questions were chosen. */
import type { Choice } from '../estimate/index.ts';
import type { Store } from '../store/index.ts';
import { restrictTasks, type Suite } from '../suite/index.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import { type LabelDesign, labelDesignSchema } from './label-design.ts';

/** How the labelled questions of a task were chosen, as it is recorded. */
export type RecordedChoice = {
  readonly choice: Choice;
  /** In words, to follow a method. */
  readonly how: string;
};

/**
 * The recorded choice of each task of a suite at a checkpoint; none for a task where it says nothing of the labels: no
 * record, fewer than two labels of chosen questions, or all questions labelled. Of several the one whose questions all
 * have labels, then the one with more of them, then the latest.
 *
 * @param n answers of each item of the suite, in its order
 */
export async function recordedChoices(
  store: Store,
  { suite, checkpoint }: { readonly suite: Suite; readonly checkpoint: KnownCheckpoint },
  n: Float64Array,
): Promise<ReadonlyMap<string, RecordedChoice>> {
  const designs = await matchingDesigns(store, { suite: suite.name, checkpoint });
  const found = new Map<string, RecordedChoice>();
  if (designs.length === 0) return found;
  for (const task of suite.tasks.keys()) {
    const labelled = suite.items.flatMap((item, row) =>
      item.task === task ? [(n[row] ?? 0) > 0] : [],
    );
    if (labelled.every(Boolean)) continue;
    const { hash } = restrictTasks(suite, [task]);
    const best = bestOf(designs, { task, hash, labelled });
    if (best !== null) found.set(task, best);
  }
  return found;
}

async function matchingDesigns(
  store: Store,
  { suite, checkpoint }: { readonly suite: string; readonly checkpoint: KnownCheckpoint },
): Promise<LabelDesign[]> {
  const documents = await store.designs.list();
  return documents.flatMap(({ document, intact }) => {
    const parsed = intact ? labelDesignSchema.safeParse(document) : null;
    if (parsed?.success !== true) return [];
    const { data } = parsed;
    const isOf = data.checkpoint === checkpoint.id && data.fingerprint === checkpoint.fingerprint;
    return isOf && data.suite === suite ? [data] : [];
  });
}

function bestOf(
  designs: readonly LabelDesign[],
  {
    task,
    hash,
    labelled,
  }: { readonly task: string; readonly hash: string; readonly labelled: readonly boolean[] },
): RecordedChoice | null {
  const candidates = designs.flatMap((design) => {
    const own = design.tasks.find((one) => one.task === task && one.hash === hash);
    if (own === undefined) return [];
    const known = own.chosen.filter((place) => labelled[place] === true).length;
    return known < 2 ? [] : [{ design, own, known, isWhole: known === own.chosen.length }];
  });
  const [best] = candidates.sort(
    (x, y) =>
      Number(y.isWhole) - Number(x.isWhole) ||
      y.known - x.known ||
      Date.parse(y.design.at) - Date.parse(x.design.at),
  );
  if (best === undefined) return null;
  const { design, own, known } = best;
  const others = labelled.filter(Boolean).length - known;
  return {
    choice: {
      task,
      design: design.design,
      places: Int32Array.from(own.chosen),
      inclusion: Float64Array.from(own.inclusion),
      stratum: Int32Array.from(own.stratum),
    },
    how: describe(design, { others, missing: own.chosen.length - known }),
  };
}

function describe(
  { design, seed, probe }: LabelDesign,
  { others, missing }: { readonly others: number; readonly missing: number },
): string {
  const by = probe === null ? '' : `, by probe ${probe.name}`;
  const without =
    missing === 0 ? '' : `; ${missing} chosen ones without a label, taken to be missing at random`;
  const left = others === 0 ? '' : `; ${others} labelled ones outside the design left out`;
  return `chosen by design ${design}, seed ${seed}${by}${without}${left}`;
}
