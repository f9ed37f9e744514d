/**
 * Answers to mathematical questions: the final expression is found in the text, LaTeX that says the same thing is written
 * one way, and what is rational is compared as an exact fraction (`0.5`, `\frac{1}{2}`, `1/2`). The normalisation follows
 * the MATH paper's `is_equiv` (Hendrycks et al. 2021), plus fractions and lists. There is no algebra: `x+1` and `1+x`
 * differ.
 */

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
  return (lastDollars(line) ?? line).slice(0, maxExpression);
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

/** One way of writing what LaTeX can write in several. */
function normalizeMath(expression: string): string {
  const text = expression
    .replaceAll('−', '-')
    .replaceAll('$', '')
    .replace(/\\(?:left|right|displaystyle)(?![a-zA-Z])|\\[!,;: ]/g, '')
    .replace(/\\(?:dfrac|tfrac|cfrac)(?![a-zA-Z])/g, '\\frac')
    .replace(/\^\{?\\circ\}?|°|\\?%/g, '')
    .replace(/\\(?:text|mathrm|textbf|mathbf|mbox)\s*\{([^{}]*)\}/g, ' $1 ')
    .replace(/\\frac\s*(\d)\s*(\d)/g, '\\frac{$1}{$2}')
    .replace(/\\sqrt\s*(\w)/g, '\\sqrt{$1}')
    .replace(/(\d),(?=\d{3}(?!\d))/g, '$1')
    .replace(/^\s*[a-zA-Z]\s*=/, '')
    .trim()
    .replace(/[.,;]+$/, '');
  return withoutUnit(text.trim()).replace(/\s+/g, '').toLowerCase();
}

/** `12 cm` is 12: words behind a number are its unit. */
function withoutUnit(text: string): string {
  return text.replace(/^([-+]?(?:\d+(?:\.\d+)?|\.\d+))\s+[a-zA-Z][a-zA-Z ]*(?:\^\{?\d\}?)?$/, '$1');
}

function sameMath(a: string, b: string): boolean {
  if (a === b) return true;
  const listA = elements(a);
  const listB = elements(b);
  if (listA !== null && listB !== null) {
    return (
      listA.length === listB.length &&
      listA.every((element, i) => sameMath(element, listB[i] ?? ''))
    );
  }
  const fractionA = rational(a);
  const fractionB = rational(b);
  if (fractionA === null || fractionB === null) return false;
  return fractionA.top * fractionB.bottom === fractionB.top * fractionA.bottom;
}

/** `(1,\frac{1}{2})` → its elements, the brackets kept on the outer ones so that `(1,2)` and `[1,2]` differ. */
function elements(text: string): string[] | null {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  const body = /^[([].*[)\]]$/.test(text) ? text.slice(1, -1) : text;
  for (let index = 0; index < body.length; index += 1) {
    const character = body[index] ?? '';
    if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    else if (character === ',' && depth === 0) {
      parts.push(body.slice(start, index));
      start = index + 1;
    }
  }
  if (parts.length === 0) return null;
  const brackets = body === text ? [] : [`${text[0] ?? ''}${text.at(-1) ?? ''}`];
  return [...brackets, ...parts, body.slice(start)];
}

type Rational = { top: bigint; bottom: bigint };

function rational(text: string): Rational | null {
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
