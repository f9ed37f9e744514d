import { UserError } from '../error/index.ts';

type Range = { readonly min?: number; readonly max?: number };

/** Parser of a whole number for commander: `wholeNumber('--samples', { min: 1 })`. */
export function wholeNumber(name: string, range: Range = {}): (text: string) => number {
  return (text) => {
    const value = parseNumber(text);
    if (value === null || !Number.isSafeInteger(value) || !isWithin(value, range)) {
      throw new UserError(
        `${name}: expected a whole number${describeRange(range)}, got \`${text}\``,
      );
    }
    return value;
  };
}

/** Parser of a finite number for commander. */
export function realNumber(name: string, range: Range = {}): (text: string) => number {
  return (text) => {
    const value = parseNumber(text);
    if (value === null || !isWithin(value, range)) {
      throw new UserError(`${name}: expected a number${describeRange(range)}, got \`${text}\``);
    }
    return value;
  };
}

/** Parser of one of a few words. */
export function oneOf<Word extends string>(
  name: string,
  words: readonly Word[],
): (text: string) => Word {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) {
      throw new UserError(`${name}: expected one of ${words.join(', ')}, got \`${text}\``);
    }
    return word;
  };
}

/** Parser of `a,b,c`: no empty part, no part twice. */
export function commaList(name: string): (text: string) => readonly string[] {
  return (text) => {
    const parts = text.split(',').map((part) => part.trim());
    if (parts.includes('')) {
      throw new UserError(`${name}: expected names separated by commas, got \`${text}\``);
    }
    const twice = parts.find((part, index) => parts.indexOf(part) !== index);
    if (twice !== undefined) throw new UserError(`${name}: \`${twice}\` is named twice`);
    return parts;
  };
}

function parseNumber(text: string): number | null {
  if (text.trim() === '') return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

function isWithin(value: number, { min = -Infinity, max = Infinity }: Range): boolean {
  return value >= min && value <= max;
}

function describeRange({ min, max }: Range): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` from ${min} up`;
  return max === undefined ? '' : ` up to ${max}`;
}
