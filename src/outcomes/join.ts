/**
 * Which outcomes are about which question of a suite. The identity of a question is the hash of what was asked: a record
 * that carries one joins only where it equals, so that outcomes of a question that was changed are never taken for its
 * own. A record without one joins by suite name, task and item id.
 */
import { UserError } from '../error/index.ts';
import { type Item, promptSha256, type Render, type Suite } from '../suite/index.ts';
import type { Across } from './identity.ts';
import { isLabelSource, type OutcomeRecord } from './record.ts';

export type RefusalReason = 'changed-question' | 'unknown-item' | 'other-task' | 'other-suite';
export type RefusedOutcome = { record: OutcomeRecord; reason: RefusalReason };

export type OutcomeJoin = {
  /** Checkpoint → item id → its outcome. Items without one are absent. */
  byCheckpoint: Map<string, Map<string, OutcomeRecord>>;
  /** Records without a hash, joined by suite name and item id. */
  joinedByName: number;
  /** Records whose hash equals the question's. */
  joinedByHash: number;
  /** Of the joined ones, those that were asked in the other rendering. */
  acrossRenderings: number;
  /** Of the joined ones, those that were asked in other words, which `across` allows. */
  acrossPrompts: number;
  /** Records of whole tasks: they are about no item. */
  taskLevel: number;
  refused: RefusedOutcome[];
};

type Candidate = { record: OutcomeRecord; match: Match };
type Match = {
  item: Item;
  byHash: boolean;
  /** Another hash than the question's. */
  otherWords: boolean;
  sameRender: boolean;
  /** The record stands under the filter that the task declares. */
  primary: boolean;
  /** The record names the suite; another suite may ask the same questions. */
  ownSuite: boolean;
  imported: boolean;
};

/**
 * Joins outcomes to the items of a suite. Where a checkpoint has several records for an item, one under the task's
 * declared filter (or none, where none is declared) goes first, then one that was asked in `render`, then one that names
 * the suite, then one joined by hash. Across `prompt`, a record of other words joins by suite name and item id, behind
 * all others.
 *
 * @throws UserError where two records of an item remain that differ in filter or sampling, both named.
 */
export function joinOutcomes(
  suite: Suite,
  records: Iterable<OutcomeRecord>,
  render: Render,
  across: readonly Across[] = [],
): OutcomeJoin {
  const items = new Map(suite.items.map((item) => [item.id, item]));
  const hashOf = createHashCache();
  const join: OutcomeJoin = {
    byCheckpoint: new Map(),
    joinedByName: 0,
    joinedByHash: 0,
    acrossRenderings: 0,
    acrossPrompts: 0,
    taskLevel: 0,
    refused: [],
  };
  const best = new Map<string, Map<string, Candidate>>();
  for (const record of records) {
    if (record.item === null) {
      join.taskLevel += 1;
      continue;
    }
    const item = items.get(record.item);
    const match = matchItem({ suite, item, render, hashOf, across }, record);
    if (typeof match === 'string') join.refused.push({ record, reason: match });
    else keepBetter(best, record, match);
  }
  return collect(join, best);
}

type Question = {
  suite: Suite;
  item: Item | undefined;
  render: Render;
  hashOf: (item: Item, render: Render) => string | null;
  across: readonly Across[];
};

function matchItem(
  { suite, item, render, hashOf, across }: Question,
  record: OutcomeRecord,
): Match | RefusalReason {
  const ownSuite = record.suite === suite.name;
  const imported = !isLabelSource(record.source);
  if (record.promptSha256 === null && !ownSuite) return 'other-suite';
  if (item === undefined) return 'unknown-item';
  if (item.task !== record.task) return 'other-task';
  const primary = record.filter === (suite.tasks.get(item.task)?.filter ?? null);
  const known = { item, primary, ownSuite, imported };
  const asked =
    record.promptSha256 === null
      ? null
      : rendersOf(record, render).find((one) => hashOf(item, one) === record.promptSha256);
  if (asked === undefined && !(ownSuite && across.includes('prompt'))) return 'changed-question';
  if (asked == null) {
    const sameRender = record.render === null || record.render === render;
    return { ...known, byHash: false, otherWords: asked === undefined, sameRender };
  }
  return { ...known, byHash: true, otherWords: false, sameRender: asked === render };
}

function rendersOf(record: OutcomeRecord, render: Render): readonly Render[] {
  if (record.render === 'prompt' || record.render === 'messages') return [record.render];
  return render === 'prompt' ? ['prompt', 'messages'] : ['messages', 'prompt'];
}

function createHashCache(): (item: Item, render: Render) => string | null {
  const hashes: Record<Render, Map<string, string | null>> = {
    prompt: new Map(),
    messages: new Map(),
  };
  return (item, render) => {
    const known = hashes[render].get(item.id);
    if (known !== undefined) return known;
    const hash = item[render] === null ? null : promptSha256(item, render);
    hashes[render].set(item.id, hash);
    return hash;
  };
}

function keepBetter(
  best: Map<string, Map<string, Candidate>>,
  record: OutcomeRecord,
  match: Match,
): void {
  const items = best.get(record.checkpoint) ?? new Map<string, Candidate>();
  best.set(record.checkpoint, items);
  const other = items.get(match.item.id);
  const order = other === undefined ? 1 : rank(match) - rank(other.match);
  if (other !== undefined && order === 0) throw ambiguous(other.record, record);
  if (order > 0) items.set(match.item.id, { record, match });
}

function rank({ imported, primary, otherWords, sameRender, ownSuite, byHash }: Match): number {
  return [imported, primary, !otherWords, sameRender, ownSuite, byHash].reduce(
    (sum, is) => 2 * sum + Number(is),
    0,
  );
}

function ambiguous(a: OutcomeRecord, b: OutcomeRecord): UserError {
  const about = `item \`${String(a.item)}\` at \`${a.checkpoint}\``;
  if (a.filter !== b.filter) {
    return new UserError(
      `\`outcomes\`: ${about} has outcomes under the filters \`${String(a.filter)}\` and \`${String(b.filter)}\`: choose one with --filter`,
    );
  }
  const other = alternatives.find(({ field }) => a[field] !== b[field]);
  if (other !== undefined && a.temperature === b.temperature && a.topP === b.topP) {
    const { field, named, advice } = other;
    return new UserError(
      `\`outcomes\`: ${about} has outcomes ${named}, \`${String(a[field])}\` and \`${String(b[field])}\`: ${advice}`,
    );
  }
  return new UserError(
    `\`outcomes\`: ${about} has outcomes of two samplings, ${sampling(a, b)} and ${sampling(b, a)}: choose one with --source, --temperature or --top-p`,
  );
}

/** Differences beside filter and sampling that one item may have at one checkpoint. */
const alternatives = [
  { field: 'fewShot', named: 'of two few-shot counts', advice: 'choose one with --few-shot' },
  {
    field: 'chatTemplate',
    named: 'under two chat templates',
    advice: 'choose one with --chat-template',
  },
  {
    field: 'documentHash',
    named: 'about two documents (document_hash)',
    advice: 'choose one with --source',
  },
  {
    field: 'targetHash',
    named: 'with two expected answers (target_hash)',
    advice: 'choose one with --source',
  },
  {
    field: 'promptSha256',
    named: 'in two wordings (prompt_sha256)',
    advice: 'choose one with --source, --few-shot or --chat-template',
  },
] as const;

function sampling(
  { temperature, topP, source, suite }: OutcomeRecord,
  other: OutcomeRecord,
): string {
  const from = source === null ? '' : ` from ${source}`;
  const of = suite === other.suite ? '' : ` of suite ${suite}`;
  return `temperature ${String(temperature)}, top-p ${String(topP)}${from}${of}`;
}

function collect(
  join: OutcomeJoin,
  best: ReadonlyMap<string, ReadonlyMap<string, Candidate>>,
): OutcomeJoin {
  for (const [checkpoint, items] of best) {
    const records = new Map<string, OutcomeRecord>();
    for (const [id, { record, match }] of items) {
      records.set(id, record);
      if (match.byHash) join.joinedByHash += 1;
      else join.joinedByName += 1;
      if (match.otherWords) join.acrossPrompts += 1;
      else if (!match.sameRender) join.acrossRenderings += 1;
    }
    join.byCheckpoint.set(checkpoint, records);
  }
  return join;
}

const reasons: Readonly<Record<RefusalReason, string>> = {
  'changed-question': 'asked another question than the suite has now',
  'unknown-item': 'are about items that the suite does not have',
  'other-task': 'put the item into another task than the suite does',
  'other-suite': 'name another suite and carry no prompt hash',
};

/** What a user should know of a join, one sentence each; empty where every record joined by hash. */
export function describeJoin(join: OutcomeJoin): string[] {
  const notes: string[] = [];
  if (join.joinedByName > 0) {
    notes.push(
      `${join.joinedByName} outcomes without prompt hash joined by suite name and item id`,
    );
  }
  if (join.acrossRenderings > 0) {
    notes.push(`${join.acrossRenderings} outcomes asked in another rendering joined by item id`);
  }
  if (join.acrossPrompts > 0) {
    notes.push(`${join.acrossPrompts} outcomes asked in other words joined by item id (--across)`);
  }
  for (const reason of Object.keys(reasons) as RefusalReason[]) {
    const refused = join.refused.filter((one) => one.reason === reason);
    const first = refused[0]?.record;
    if (first === undefined) continue;
    notes.push(
      `${refused.length} outcomes left out: they ${reasons[reason]} (first: item ${String(first.item)} at ${first.checkpoint})`,
    );
  }
  return notes;
}
