/** Groups of questions as numbers from 0 in order of appearance, −1 for none; null where no question has one. */
export function groupNumbers(groups: readonly (string | null)[]): Int32Array | null {
  const numbers = new Map<string, number>();
  const numbered = Int32Array.from(groups, (group) => {
    if (group === null) return -1;
    const number = numbers.get(group) ?? numbers.size;
    numbers.set(group, number);
    return number;
  });
  return numbers.size === 0 ? null : numbered;
}
