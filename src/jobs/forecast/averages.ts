/** Share of the known ones that are true; null where none is known. */
export function shareOf(values: readonly (boolean | null)[]): number | null {
  return meanOf(values.flatMap((value) => (value === null ? [] : [Number(value)])));
}

export function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
