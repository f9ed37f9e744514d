import { UserError } from '../../error/index.ts';
import type { ProbeCard } from '../../probe/index.ts';
import type { Store } from '../../store/index.ts';
import type { Probe, ProbeScore } from '../../wire/index.ts';
import { type ProbeOrigin, readProbeCard } from '../probe-files.ts';
import type { JobContext } from '../progress.ts';

/** A fitted probe as its files tell it. */
export type ReadProbe = {
  readonly id: string;
  readonly card: ProbeCard;
  readonly origin: ProbeOrigin;
};

/** The fitted probes by name; one whose files are damaged is left out, with a note. */
export async function readProbes(store: Store, { note }: JobContext): Promise<ReadProbe[]> {
  const found: ReadProbe[] = [];
  for (const { name } of await store.probes.list()) {
    try {
      found.push(await readProbeCard(store, name));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      note(error.message);
    }
  }
  return found;
}

export function describeProbe({ id, card, origin }: ReadProbe): Probe {
  const { scores } = card;
  return {
    ...{ name: card.name, id, suite: origin.suite, architecture: card.architecture },
    tasks: card.tasks,
    checkpoints: card.checkpoints.map((one) => one.id),
    questions: { seen: card.split.seen.length, unseen: card.split.unseen.length },
    scores:
      scores === null
        ? null
        : {
            checkpoint: scores.checkpoint,
            seen: scoreOf(scores.summary.seen),
            unseen: scoreOf(scores.summary.unseen),
          },
    limits: card.limits,
  };
}

function scoreOf(summary: ProbeScore | null): ProbeScore | null {
  if (summary === null) return null;
  const { auroc, oracleAuroc, mse, levelError } = summary;
  return { auroc, oracleAuroc, mse, levelError };
}
