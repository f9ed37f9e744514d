import type { ProbeCheckpointFacts } from './activations.ts';

type Facts = Pick<ProbeCheckpointFacts, 'id' | 'stage' | 'rendering'>;

/** Settings of the rotary position embedding by checkpoint id, as text; absent where unknown. */
export type RopeSettings = ReadonlyMap<string, string>;

/**
 * What makes a checkpoint another kind than every trained one: `stage sft, rendering messages`; null where nothing does.
 * What is unknown agrees with anything.
 */
export function breakOf(
  trained: readonly Facts[],
  scored: Facts,
  rope: RopeSettings = new Map(),
): string | null {
  const fields: readonly [string, (facts: Facts) => string | null][] = [
    ['stage', ({ stage }) => stage],
    ['rendering', ({ rendering }) => rendering],
    ['rope', ({ id }) => rope.get(id) ?? null],
  ];
  const parts = fields.flatMap(([name, of]) => {
    const own = of(scored);
    const agrees = own === null || trained.some((one) => of(one) === null || of(one) === own);
    return agrees ? [] : [`${name} ${own}`];
  });
  return parts.length === 0 ? null : parts.join(', ');
}
