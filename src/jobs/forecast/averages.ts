import { mean } from '../../stats/index.ts';

/** Share of the known ones that are true; null where none is known. */
export function shareOf(values: readonly (boolean | null)[]): number | null {
  return mean(values.flatMap((value) => (value === null ? [] : [Number(value)])));
}
