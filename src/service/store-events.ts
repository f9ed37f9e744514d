/** That something of a store is new, found by looking at its folders again and again: network file systems send no events. */
import type { KindContents, Store, StoreContents } from '../store/index.ts';
import type { StoreEvent } from '../wire/index.ts';

/** What is new in the second picture of a store. */
export async function eventsBetween(
  store: Pick<Store, 'checkpoints' | 'alerts' | 'jobs'>,
  before: StoreContents,
  after: StoreContents,
): Promise<StoreEvent[]> {
  const events: StoreEvent[] = [];
  for (const id of changed(before.checkpoints, after.checkpoints)) {
    const event = await checkpointEvent(store, id);
    if (event !== null) events.push(event);
  }
  const parts = [
    { event: 'outcome', kinds: ['outcomes'] },
    { event: 'estimate', kinds: ['estimates', 'predictions'] },
  ] as const;
  for (const { event, kinds } of parts) {
    const names = kinds.flatMap((kind) => changed(before[kind], after[kind]));
    const runs = new Set(names.map((name) => runOf(name)));
    for (const run of runs) events.push({ event, data: { run } });
  }
  for (const id of changed(before.forecasts, after.forecasts)) {
    events.push({ event: 'forecast', data: { id } });
  }
  for (const id of changed(before.transfers, after.transfers)) {
    events.push({ event: 'transfer', data: { id } });
  }
  for (const id of differing(before['refused-imports'], after['refused-imports'])) {
    events.push({ event: 'import', data: { id } });
  }
  const alerts = [
    ...changed(before.alerts, after.alerts),
    ...changed(before.acknowledgements, after.acknowledgements),
  ];
  for (const id of new Set(alerts)) {
    const alert = await store.alerts.read(id);
    if (alert !== null) events.push({ event: 'alert', data: alert });
  }
  for (const id of changed(before.jobs, after.jobs)) {
    const job = await store.jobs.read(id);
    if (job === null) continue;
    const { kind, state, run, checkpoint } = job;
    events.push({ event: 'job', data: { id: job.id, kind, state, run, checkpoint } });
  }
  return events;
}

function changed(before: KindContents, after: KindContents): string[] {
  return [...after].flatMap(([name, stamp]) => (before.get(name) === stamp ? [] : [name]));
}

/** Those that went, too. */
function differing(before: KindContents, after: KindContents): string[] {
  return [...changed(before, after), ...[...before.keys()].filter((name) => !after.has(name))];
}

async function checkpointEvent(
  store: Pick<Store, 'checkpoints'>,
  name: string,
): Promise<StoreEvent | null> {
  const id = decoded(name);
  const document = id === null ? null : await store.checkpoints.read(id);
  if (id === null || document === null) return null;
  const facts: unknown = document['facts'];
  const run: unknown =
    typeof facts === 'object' && facts !== null && 'run' in facts ? facts.run : null;
  return {
    event: 'checkpoint',
    data: { checkpoint: id, run: typeof run === 'string' ? run : null },
  };
}

/** Where parts about several runs lie. */
const severalRuns = 'runs';

function runOf(part: string): string | null {
  const [folder = ''] = part.split('/', 1);
  return folder === severalRuns ? null : decoded(folder);
}

/** The id behind a file's name; null where it was too long, and the name holds only its beginning. */
function decoded(name: string): string | null {
  return name.includes('%~') ? null : decodeURIComponent(name);
}
