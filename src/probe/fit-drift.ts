import { type DriftReference, fewReference, referenceAt } from './drift.ts';
import { type DriftMove, driftRule, type DriftRule, thumbRule } from './drift-rule.ts';
import type { Head } from './head.ts';
import { readFitted } from './replay.ts';
import type { Chosen } from './search.ts';
import type { Validation } from './selection.ts';

/** What a probe tells drift by: the latest fitted checkpoint as it reads it, and its limits. */
type FittedDrift = { readonly reference: DriftReference; readonly rule: DriftRule };

/** From the replayed moves; from the fitted checkpoints by a rule of thumb where there are none. Null without states. */
export async function fitDrift(
  validation: Pick<Validation, 'set' | 'kernel'>,
  { representation, views }: Pick<Chosen, 'representation' | 'views'>,
  { head, moves }: { readonly head: Head | null; readonly moves: readonly DriftMove[] },
): Promise<FittedDrift | null> {
  if (representation === null) return null;
  const { fitted } = validation.set.timeline;
  const read = (checkpoint: number) =>
    readFitted(validation, { representation, views, head }, checkpoint);
  const last = fitted.length - 1;
  if (moves.length > 0) {
    const distance = fitted[last]! - fitted[last - 1]!;
    const reference = referenceAt(await read(last - 1), await read(last), distance);
    return { reference, rule: driftRule(moves) };
  }
  const readings = [];
  for (const checkpoint of fitted.keys()) readings.push(await read(checkpoint));
  return { reference: fewReference(readings), rule: thumbRule(fitted.length) };
}
