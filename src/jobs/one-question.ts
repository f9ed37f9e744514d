/** Outcomes of several checkpoints that are to be read as a history of the same questions, asked in the same way. */
import { UserError } from '../error/index.ts';
import {
  type Across,
  differ,
  differenceReasons,
  type OutcomeRecord,
  type QuestionDifference,
  questionDifference,
} from '../outcomes/index.ts';
import type { Suite } from '../suite/index.ts';
import { describeFirst, type FirstDifference, noteAcross } from './first-difference.ts';
import type { ItemCounts } from './outcome-choice.ts';
import type { JobContext } from './progress.ts';

type AskedAlike = {
  readonly suite: Suite;
  readonly labels: readonly ItemCounts[];
  readonly across: readonly Across[];
};

const ways = [
  { across: 'few-shot', field: 'fewShot', named: 'few-shot count' },
  { across: 'chat-template', field: 'chatTemplate', named: 'chat template' },
] as const;

/**
 * Leaves out, at every checkpoint, questions that are about another document or expect another answer at one of them, and
 * says so. Changes the counts.
 *
 * @throws UserError where a task was asked with several few-shot counts or chat templates.
 */
export function keepSameQuestions(
  { suite, labels, across }: AskedAlike,
  context: JobContext,
): void {
  noteAcross(across, context);
  const first = new Map<string, OutcomeRecord>();
  const left = new Map<QuestionDifference['across'], { count: number; example: FirstDifference }>();
  suite.items.forEach(({ id: item, task }, row) => {
    const records = labels.flatMap(({ join }) => recordsOf(join.byCheckpoint, item));
    for (const record of records) checkWay(first, { task, record, across });
    const difference = firstDifference(records, across);
    if (difference === null) return;
    for (const { k, n } of labels) [k[row], n[row]] = [0, 0];
    const known = left.get(difference.across);
    const example = known?.example ?? { item, ...difference };
    left.set(difference.across, { count: (known?.count ?? 0) + 1, example });
  });
  for (const [name, { count, example }] of left) {
    const items = `${count} item${count === 1 ? '' : 's'}`;
    context.note(`left out: ${items}: ${differenceReasons[name]} (${describeFirst(example)})`);
  }
}

function recordsOf(
  byCheckpoint: ReadonlyMap<string, ReadonlyMap<string, OutcomeRecord>>,
  item: string,
): OutcomeRecord[] {
  return [...byCheckpoint.values()].flatMap((items) => items.get(item) ?? []);
}

/** A difference to the first value that is known: null agrees with anything. */
function firstDifference(
  records: readonly OutcomeRecord[],
  across: readonly Across[],
): QuestionDifference | null {
  const [first] = records;
  if (first === undefined) return null;
  const known = { ...first };
  for (const record of records) {
    // The words are those of the suite's question: the join saw to it.
    const difference = questionDifference(known, record, [...across, 'prompt']);
    if (difference !== null) return difference;
    known.documentHash ??= record.documentHash;
    known.targetHash ??= record.targetHash;
  }
  return null;
}

/** Keeps, by task and field, the first record that tells. */
function checkWay(
  first: Map<string, OutcomeRecord>,
  { task, record, across }: { task: string; record: OutcomeRecord; across: readonly Across[] },
): void {
  for (const { across: name, field, named } of ways) {
    if (record[field] === null || across.includes(name)) continue;
    const key = JSON.stringify([task, field]);
    const before = first.get(key);
    if (before === undefined) first.set(key, record);
    else if (differ(before[field], record[field])) {
      throw new UserError(
        `\`outcomes\`: task \`${task}\`: expected one ${named}, found \`${String(before[field])}\` at \`${before.checkpoint}\` and \`${String(record[field])}\` at \`${record.checkpoint}\`: choose one that every checkpoint has with --${name}, or allow the difference with --across ${name}`,
      );
    }
  }
}
