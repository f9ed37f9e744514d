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

const byteUnits: Readonly<Record<string, number>> = {
  ...{ KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 },
  ...{ KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30, TIB: 2 ** 40 },
};

/** Parser of a size such as `2GB` or `512 MiB`, in bytes. */
export function byteSize(name: string): (text: string) => number {
  return (text) => {
    const [, digits = '', letters = ''] = /^\s*([\d.]+)\s*([a-z]+)\s*$/i.exec(text) ?? [];
    const value = parseNumber(digits);
    const unit = byteUnits[letters.toUpperCase()];
    if (value === null || unit === undefined || !(value > 0)) {
      throw new UserError(`${name}: expected a size such as 2GB or 512MiB, got \`${text}\``);
    }
    return Math.round(value * unit);
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

/** Parser of layer numbers, `0,8,16`, into ascending order. */
export function layerNumbers(name: string): (text: string) => readonly number[] {
  return (text) =>
    commaList(name)(text)
      .map(wholeNumber(name, { min: 0 }))
      .sort((a, b) => a - b);
}

/** The most points of a range. */
const maxRange = 1000;

/** Parser of `F`, `F,F,…` or a range `LOW:HIGH:COUNT` in equal factors: numbers above 0. */
export function numbersOrRange(name: string): (text: string) => readonly number[] {
  const wrong = (text: string): UserError =>
    new UserError(
      `${name}: expected numbers above 0 separated by commas, or a range LOW:HIGH:COUNT (COUNT from 2 to ${maxRange}), got \`${text}\``,
    );
  return (text) => {
    const isRange = text.includes(':');
    const values = text.split(isRange ? ':' : ',').map(parseNumber);
    const numbers = values.flatMap((value) => (value !== null && value > 0 ? [value] : []));
    if (numbers.length < values.length) throw wrong(text);
    if (!isRange) return numbers;
    const [low = 0, high = 0, count = 0, ...rest] = numbers;
    const isWhole = Number.isSafeInteger(count) && count >= 2 && count <= maxRange;
    if (!isWhole || !(high > low) || rest.length > 0) throw wrong(text);
    const last = count - 1;
    return Array.from({ length: count }, (_, index) =>
      index === last ? high : low * (high / low) ** (index / last),
    );
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
