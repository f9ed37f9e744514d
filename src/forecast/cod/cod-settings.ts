import type { AssignmentOptions } from './assignment.ts';
import type { LawSettings } from './cluster-laws.ts';
import type { FilterRule } from './filter.ts';
import type { MapKind } from './subset-map.ts';

/**
 * How the extrapolated subset becomes the whole benchmark. `persist`: what is not extrapolated stays at its rate at the
 * largest model. `subset`: the subset alone, as if the rest were like it. A map: the subset's accuracy through a curve
 * calibrated on the ladder, and on anchors if asked.
 */
export type WholeRule =
  | { readonly kind: 'persist' | 'subset' }
  | { readonly kind: MapKind; readonly anchors: boolean; readonly chanceEnds: boolean };

export type CodSettings = Omit<AssignmentOptions, 'seed'> &
  LawSettings & {
    readonly filter: FilterRule;
    /** How the extrapolated subset becomes the whole benchmark. */
    readonly whole: WholeRule;
  };
