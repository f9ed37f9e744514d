import type { PassPlan, PlannedBatch } from '../plan-pass.ts';

export type GroupLimits = {
  /** Of each prompt. */
  readonly promptTokens: ArrayLike<number>;
  /** Answers wanted of each prompt. */
  readonly samples: ArrayLike<number>;
  /** Keys and values of a token, all layers. */
  readonly bytesPerToken: number;
  /** An answer of the most tokens, while it grows. */
  readonly bytesPerSample: number;
  readonly memoryBytes: number;
  readonly mostSamples: number;
  readonly mostPrompts: number;
};

/**
 * Consecutive batches of a plan whose answers grow side by side, as many as fit: a step reads all weights, whether for one
 * answer or for many. A batch that does not fit is taken apart; a prompt alone always is a group. Padding counts.
 */
export function planGroups(plan: PassPlan, limits: GroupLimits): PlannedBatch[][] {
  const groups: PlannedBatch[][] = [];
  let group: PlannedBatch[] = [];
  let held: Held = { prompts: 0, samples: 0, longest: 0 };
  for (const { rows, prefix } of plan.batches) {
    let start = 0;
    for (const [i, row] of rows.entries()) {
      const more = withPrompt(held, row, limits);
      if (held.prompts === 0 || fits(more, limits)) {
        held = more;
        continue;
      }
      if (i > start) group.push({ rows: rows.slice(start, i), prefix });
      groups.push(group);
      [group, start] = [[], i];
      held = withPrompt({ prompts: 0, samples: 0, longest: 0 }, row, limits);
    }
    group.push({ rows: rows.slice(start), prefix });
  }
  if (group.length > 0) groups.push(group);
  return groups;
}

type Held = { readonly prompts: number; readonly samples: number; readonly longest: number };

function withPrompt(held: Held, row: number, { promptTokens, samples }: GroupLimits): Held {
  return {
    prompts: held.prompts + 1,
    samples: held.samples + samples[row]!,
    longest: Math.max(held.longest, promptTokens[row]!),
  };
}

function fits({ prompts, samples, longest }: Held, limits: GroupLimits): boolean {
  const bytes = prompts * longest * limits.bytesPerToken + samples * limits.bytesPerSample;
  return (
    prompts <= limits.mostPrompts && samples <= limits.mostSamples && bytes <= limits.memoryBytes
  );
}
