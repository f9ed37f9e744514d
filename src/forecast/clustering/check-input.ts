import type { Points } from './points.ts';

/** @throws RangeError where the rows are not whole or a value is not finite. */
export function checkPoints(who: string, points: Points): void {
  const { values, dimensions } = points;
  checkWhole(who, { dimensions }, 1);
  if (values.length % dimensions !== 0) {
    throw new RangeError(
      `\`${who}\`: expected rows of ${dimensions} values, got ${values.length} values`,
    );
  }
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    throw new RangeError(
      `\`${who}\`: expected finite points, got ${values[at]!} at item ${Math.floor(at / dimensions)}, dimension ${at % dimensions}`,
    );
  }
}

/** Options that must be finite and above 0, by name. */
export function checkPositive(who: string, options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(value > 0 && value < Infinity)) {
      throw new RangeError(`\`${who}\`: expected \`${name}\` above 0, got ${value}`);
    }
  }
}

/** Options that must be whole numbers from `least` on, by name. */
export function checkWhole(
  who: string,
  options: Readonly<Record<string, number>>,
  least: number,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(Number.isSafeInteger(value) && value >= least)) {
      throw new RangeError(
        `\`${who}\`: expected \`${name}\` to be a whole number of at least ${least}, got ${value}`,
      );
    }
  }
}
