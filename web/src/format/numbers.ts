/** Numbers as a reader of training runs writes them; what does not exist is a dash. */

export const absent = '–';

/** A share 0…1 in points, one decimal: `73.4`. */
export function points(share: number | null, digits = 1): string {
  return share === null ? absent : signed((100 * share).toFixed(digits));
}

/** With a minus as long as a plus, and none before zero. */
function signed(text: string): string {
  return /^-0\.?0*$/.test(text) ? text.slice(1) : text.replace('-', '−');
}

/** A difference of shares in points, with its sign: `+1.2`. */
export function signedPoints(difference: number | null): string {
  if (difference === null) return absent;
  const text = Math.abs(100 * difference).toFixed(1);
  if (text === '0.0') return '0.0';
  return `${difference < 0 ? '−' : '+'}${text}`;
}

/** Two shares as an interval in points: `71.2 … 75.0`. */
export function interval(low: number | null, high: number | null): string {
  return low === null || high === null ? absent : `${points(low)} … ${points(high)}`;
}

const steps = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'K'],
] as const;

/** A count in three digits with its unit: `4.00B`, `958K`. */
export function count(value: number | null): string {
  if (value === null) return absent;
  const step = steps.find(([size]) => Math.abs(value) >= size);
  if (step === undefined) return Number.isInteger(value) ? String(value) : value.toPrecision(3);
  return `${(value / step[0]).toPrecision(3)}${step[1]}`;
}

/** A count beside an axis, where most are round: `4B`, `2.5B`. */
export function countTick(value: number): string {
  const text = count(value);
  return text.includes('.') ? text.replace(/\.?0+(?=[KMBT]$)/, '') : text;
}

/** A whole number with its thousands apart: `12,000`. */
export function whole(value: number | null): string {
  return value === null ? absent : Math.round(value).toLocaleString('en-US');
}

/** FLOPs with an exponent: `1.2e14`. */
export function flops(value: number | null): string {
  return value === null ? absent : value.toExponential(1).replace('e+', 'e');
}

/** FLOPs beside an axis, where most are round: `1e14`. */
export function flopsTick(value: number): string {
  return flops(value).replace('.0e', 'e');
}

/** A number without a unit in three significant digits. */
export function plain(value: number | null, digits = 3): string {
  return value === null ? absent : signed(value.toFixed(digits));
}

/** A probability of a test: `0.012`, `< 0.001`. */
export function pValue(value: number | null): string {
  if (value === null) return absent;
  return value < 0.001 ? '< 0.001' : value.toFixed(3);
}
