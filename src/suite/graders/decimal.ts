/**
 * Exact comparison of decimal numbers written as text: no rounding, so 0.1 and 0.10 are equal and 2^53 and 2^53 + 1 are
 * not.
 */

const unsignedNumber = /\d+(?:,\d{3}(?!\d))*(?:\.\d+)?(?:[eE][-+]?\d{1,4}(?!\w))?|\.\d+/g;

/** The last number in a text, as written; null where there is none. */
export function lastNumber(text: string): string | null {
  let last: RegExpExecArray | null = null;
  for (const match of text.matchAll(unsignedNumber)) last = match;
  return last === null ? null : signBefore(text, last.index) + last[0];
}

/** A sign belongs to a number only where no digit, letter or closing bracket stands before it: not in `5-3`. */
function signBefore(text: string, index: number): '-' | '' {
  const sign = text[index - 1];
  if (sign !== '-' && sign !== '−') return '';
  return /[\w.)\]}]/.test(text[index - 2] ?? ' ') ? '' : '-';
}

/** One spelling for each value: `-12.50` → `-125e-1`, `1,000` → `1e3`, every zero → `0`. Null where it is no number. */
export function canonicalDecimal(text: string): string | null {
  const plain = text.trim().replaceAll(',', '').replace('−', '-');
  const match = /^([-+]?)(\d*)(?:\.(\d*))?(?:[eE]([-+]?\d{1,4}))?$/.exec(plain);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return null;
  const digits = withoutLeadingZeros(whole + fraction);
  if (digits === '') return '0';
  const significant = withoutTrailingZeros(digits);
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign === '-' ? '-' : ''}${significant}e${power}`;
}

function withoutLeadingZeros(digits: string): string {
  let start = 0;
  while (digits[start] === '0') start += 1;
  return digits.slice(start);
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}
