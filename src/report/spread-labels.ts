/**
 * Moves labels apart that want to stand at `wanted` (their centres along one axis): at least `gap` between neighbours,
 * within 0 to `space` where they fit. Order is kept; equal wishes keep the order of the input.
 */
export function spreadLabels(
  wanted: readonly number[],
  gap: number,
  space: number,
): readonly number[] {
  const order = wanted.map((_, index) => index);
  order.sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0) || a - b);
  const places = [...wanted];
  let least = 0;
  for (const index of order) {
    const place = Math.max(least, wanted[index] ?? 0);
    places[index] = place;
    least = place + gap;
  }
  let most = space;
  for (const index of order.toReversed()) {
    const place = Math.min(most, places[index] ?? 0);
    places[index] = place;
    most = place - gap;
  }
  return places;
}
