/**
 * Answers to mathematical questions: the final expression is found in the text, LaTeX that says the same thing is written
 * one way, and what is rational is compared as an exact fraction (`0.5`, `\frac{1}{2}`, `1/2`, `\frac{-2}{-4}`). Points
 * and intervals are compared element by element; sets, and lists without brackets, whatever their order. There is no
 * algebra: `x+1` and `1+x` differ.
 */
import { normalizeMath } from './math-form.ts';

const maxExpression = 2000;

/** The answer's final expression equals a target's. */
export function gradeMath(answer: string, targets: readonly string[]): boolean {
  const found = normalizeMath(finalExpression(answer));
  return (
    found !== '' &&
    targets.some((target) => sameMath(found, normalizeMath(finalExpression(target))))
  );
}

/** The last `\boxed{…}`; else what follows the last `answer is` or `answer:`; else the last `$…$`; else all of it. */
function finalExpression(text: string): string {
  const boxed = lastBoxed(text);
  if (boxed !== null) return boxed.slice(0, maxExpression);
  const index = Math.max(
    text.toLowerCase().lastIndexOf('answer is'),
    text.toLowerCase().lastIndexOf('answer:'),
  );
  const tail = index === -1 ? text : text.slice(index).replace(/^answer(?: is|:)\s*:?/i, '');
  const line = index === -1 ? tail.trim() : (tail.trim().split('\n')[0] ?? '');
  const dollars = line.replace(/(?<!\\)\\[()[\]]/g, '$');
  return (lastDollars(dollars) ?? dollars).slice(0, maxExpression);
}

function lastBoxed(text: string): string | null {
  const match = /\\(?:boxed|fbox)\s*/.exec(text.slice(lastIndexOfAny(text, ['\\boxed', '\\fbox'])));
  const start = lastIndexOfAny(text, ['\\boxed', '\\fbox']);
  if (match === null || start === -1) return null;
  const rest = text.slice(start + match[0].length);
  return rest.startsWith('{') ? braced(rest) : (rest.split(/[\s$]/)[0] ?? null);
}

function lastIndexOfAny(text: string, words: readonly string[]): number {
  return Math.max(...words.map((word) => text.lastIndexOf(word)));
}

/** The content of the braces that a text begins with; null where they are not closed. */
function braced(text: string): string | null {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '{') depth += 1;
    else if (text[index] === '}') depth -= 1;
    if (depth === 0) return text.slice(1, index);
  }
  return null;
}

function lastDollars(line: string): string | null {
  const end = line.lastIndexOf('$');
  const start = line.lastIndexOf('$', end - 1);
  return end > 0 && start !== -1 && end - start > 1 ? line.slice(start + 1, end) : null;
}

function sameMath(a: string, b: string): boolean {
  if (a === b) return true;
  const listA = elements(a);
  const listB = elements(b);
  if (listA !== null && listB !== null) return sameElements(listA, listB);
  const fractionA = rational(a);
  const fractionB = rational(b);
  if (fractionA === null || fractionB === null) return false;
  return fractionA.top * fractionB.bottom === fractionB.top * fractionA.bottom;
}

/** The elements between commas, and the brackets around them: `(1,2)` and `[1,2]` differ. */
type Elements = { readonly brackets: string; readonly parts: readonly string[] };

/** Null for a text without a comma outside of its brackets. */
function elements(text: string): Elements | null {
  const match = /^(\\\{|[([])(.*?)(\\\}|[)\]])$/.exec(text);
  const isWhole = match !== null && isClosedAtEnd(text);
  const body = isWhole ? (match[2] ?? '') : text;
  const parts: string[] = [];
  let [depth, start] = [0, 0];
  for (let index = 0; index < body.length; index += 1) {
    const character = body[index] ?? '';
    if (opening.includes(character)) depth += 1;
    else if (closing.includes(character)) depth -= 1;
    else if (character === ',' && depth === 0) {
      parts.push(body.slice(start, index));
      start = index + 1;
    }
  }
  if (parts.length === 0) return null;
  parts.push(body.slice(start));
  return { brackets: isWhole ? `${match[1] ?? ''}${match[3] ?? ''}` : '', parts };
}

const opening = '([{';
const closing = ')]}';

/** Whether the bracket that a text begins with is closed at its very end: not in `(1,2),(3,4)`. */
function isClosedAtEnd(text: string): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (opening.includes(character)) depth += 1;
    else if (closing.includes(character)) depth -= 1;
    if (depth === 0 && index > 0 && closing.includes(character)) return index === text.length - 1;
  }
  return false;
}

function sameElements(a: Elements, b: Elements): boolean {
  if (a.brackets !== b.brackets || a.parts.length !== b.parts.length) return false;
  const isOrdered = a.brackets !== '' && a.brackets !== '\\{\\}';
  if (isOrdered) return a.parts.every((part, i) => sameMath(part, b.parts[i] ?? ''));
  const left = [...b.parts];
  return a.parts.every((part) => {
    const at = left.findIndex((other) => sameMath(part, other));
    if (at !== -1) left.splice(at, 1);
    return at !== -1;
  });
}

type Rational = { top: bigint; bottom: bigint };

function rational(text: string): Rational | null {
  const mixed = /^([-+]?)(\d+)\\frac\{(\d+)\}\{(\d+)\}$/.exec(text);
  if (mixed !== null) {
    const [, sign, whole = '', top = '', bottom = ''] = mixed;
    const positive = BigInt(whole) * BigInt(bottom) + BigInt(top);
    const isZero = BigInt(bottom) === 0n;
    return isZero ? null : { top: sign === '-' ? -positive : positive, bottom: BigInt(bottom) };
  }
  const fraction =
    /^([-+]?)\\frac\{([^{}]+)\}\{([^{}]+)\}$/.exec(text) ??
    /^([-+]?)([\d.]+)\/([\d.]+)$/.exec(text);
  if (fraction === null) return decimal(text);
  const top = decimal(fraction[2] ?? '');
  const bottom = decimal(fraction[3] ?? '');
  if (top === null || bottom === null || bottom.top === 0n) return null;
  const sign = fraction[1] === '-' ? -1n : 1n;
  return { top: sign * top.top * bottom.bottom, bottom: top.bottom * bottom.top };
}

function decimal(text: string): Rational | null {
  const match = /^([-+]?)(\d*)(?:\.(\d*))?$/.exec(text);
  const digits = `${match?.[2] ?? ''}${match?.[3] ?? ''}`;
  if (match === null || digits === '') return null;
  return {
    top: BigInt(`${match[1] === '-' ? '-' : ''}${digits}`),
    bottom: 10n ** BigInt(match[3]?.length ?? 0),
  };
}
