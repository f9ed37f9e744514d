/**
 * How records of one question meet. Records of one group (same question, checkpoint, sampling, filter) are alternatives,
 * except that counts drawn with different, named seeds are independent samples and add up.
 */
import { isLabelSource, type OutcomeRecord } from './record.ts';

const groupFields = [
  'suite',
  'task',
  'item',
  'checkpoint',
  'temperature',
  'topP',
  'filter',
  'render',
  'promptSha256',
  'fewShot',
  'chatTemplate',
  'documentHash',
  'targetHash',
] as const;

/** Everything but the seed that tells questions, checkpoints and samplings apart; a text to compare. */
export function outcomeGroup(record: OutcomeRecord): string {
  const label = isLabelSource(record.source);
  return JSON.stringify([...groupFields.map((field) => record[field]), label]);
}

/** How a record stands to another of its group: it says the same, adds to it, or contradicts it. */
export function relate(a: OutcomeRecord, b: OutcomeRecord): 'same' | 'adds' | 'conflicts' {
  const fields = Object.keys(a) as (keyof OutcomeRecord)[];
  if (fields.every((field) => a[field] === b[field])) return 'same';
  const counts = a.kind === 'count' && b.kind === 'count';
  return counts && a.seed !== null && b.seed !== null && a.seed !== b.seed ? 'adds' : 'conflicts';
}

export type OutcomePair = { existing: OutcomeRecord; incoming: OutcomeRecord };

export type MergeResult = {
  /** Incoming records to be stored. */
  added: OutcomeRecord[];
  /** Incoming records that are there already, word for word. */
  unchanged: OutcomeRecord[];
  /** Existing records that the added ones stand in for; only with `replace`. */
  superseded: OutcomeRecord[];
  /** Pairs that contradict each other; only without `replace`. */
  conflicts: OutcomePair[];
  /** Incoming records of one group that do not add up: the file says a thing twice. */
  twice: { first: OutcomeRecord; second: OutcomeRecord }[];
};

/**
 * What becomes of incoming records beside the existing ones that count now. Pure; nothing is to be stored where
 * `conflicts` or `twice` is not empty.
 */
export function mergeOutcomes(
  existing: Iterable<OutcomeRecord>,
  incoming: Iterable<OutcomeRecord>,
  { replace }: { replace: boolean },
): MergeResult {
  const result: MergeResult = {
    added: [],
    unchanged: [],
    superseded: [],
    conflicts: [],
    twice: [],
  };
  const old = groups(existing);
  for (const [group, records] of groups(incoming)) {
    findTwice(records, result);
    mergeGroup(old.get(group) ?? [], records, { replace, result });
  }
  return result;
}

function groups(records: Iterable<OutcomeRecord>): Map<string, OutcomeRecord[]> {
  const map = new Map<string, OutcomeRecord[]>();
  for (const record of records) {
    const group = outcomeGroup(record);
    const members = map.get(group);
    if (members === undefined) map.set(group, [record]);
    else members.push(record);
  }
  return map;
}

function findTwice(records: readonly OutcomeRecord[], result: MergeResult): void {
  records.forEach((second, index) => {
    for (const first of records.slice(0, index)) {
      if (relate(first, second) !== 'adds') result.twice.push({ first, second });
    }
  });
}

function mergeGroup(
  old: readonly OutcomeRecord[],
  records: readonly OutcomeRecord[],
  { replace, result }: { replace: boolean; result: MergeResult },
): void {
  const superseded = new Set<OutcomeRecord>();
  for (const incoming of records) {
    if (old.some((existing) => relate(existing, incoming) === 'same')) {
      result.unchanged.push(incoming);
      continue;
    }
    const against = old.filter((existing) => relate(existing, incoming) === 'conflicts');
    if (!replace) result.conflicts.push(...against.map((existing) => ({ existing, incoming })));
    if (replace || against.length === 0) result.added.push(incoming);
    if (replace) for (const existing of against) superseded.add(existing);
  }
  result.superseded.push(...superseded);
}
