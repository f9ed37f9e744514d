/**
 * How records of one question meet. Records of one group (same question, checkpoint, sampling, filter) are alternatives,
 * except that counts drawn alike with different, named seeds are independent samples and add up.
 */
import { factFields, isLabelSource, type OutcomeRecord } from './record.ts';

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

/** What a record says beside the outcome itself; null agrees with anything. */
const asides: ReadonlySet<string> = new Set([...factFields, 'chance']);

/**
 * How an incoming record stands to an existing one of its group: it says the same, whoever says it; it says the same and
 * more of the checkpoint; it adds to it, or contradicts it.
 */
export function relate(
  existing: OutcomeRecord,
  incoming: OutcomeRecord,
): 'same' | 'completes' | 'adds' | 'conflicts' {
  const differing = differingFields(existing, incoming);
  const areAsides = differing.every((field) => asides.has(field));
  if (areAsides && differing.every((field) => incoming[field] === null)) return 'same';
  if (areAsides && differing.every((field) => existing[field] === null)) return 'completes';
  return add(existing, incoming) ? 'adds' : 'conflicts';
}

/** Temperature and top-p are those of the group. */
function add(a: OutcomeRecord, b: OutcomeRecord): boolean {
  const counts = a.kind === 'count' && b.kind === 'count';
  const alike = a.topK === b.topK && a.servedModel === b.servedModel;
  return counts && alike && a.seed !== null && b.seed !== null && a.seed !== b.seed;
}

/** Where two records of a group say something else. Who says it counts only for answers that Sonde sampled. */
export function differingFields(
  existing: OutcomeRecord,
  incoming: OutcomeRecord,
): (keyof OutcomeRecord)[] {
  const fields = Object.keys(existing) as (keyof OutcomeRecord)[];
  const label = isLabelSource(existing.source);
  return fields.filter(
    (field) => existing[field] !== incoming[field] && (field !== 'source' || label),
  );
}

export type OutcomePair = { existing: OutcomeRecord; incoming: OutcomeRecord };

export type MergeResult = {
  /** Incoming records to be stored. */
  added: OutcomeRecord[];
  /** Incoming records that say nothing that is not there already. */
  unchanged: OutcomeRecord[];
  /** Existing records that the added ones stand in for: with `replace`, or where these say the same and more. */
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
    if (replace || against.length === 0) {
      result.added.push(incoming);
      for (const one of old) if (relate(one, incoming) === 'completes') superseded.add(one);
    }
    if (replace) for (const existing of against) superseded.add(existing);
  }
  result.superseded.push(...superseded);
}
