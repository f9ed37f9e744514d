/**
 * One way of writing what LaTeX can write in several. Follows the MATH paper's `is_equiv` (Hendrycks et al. 2021): spacing,
 * sizes, units, percent and degree signs go; fractions and roots have braces. Goes beyond it for thousands separators,
 * `x =` and `x \in` in front, and letters in brackets.
 */

export function normalizeMath(expression: string): string {
  const plain = withoutMarks(withoutSpacing(expression));
  const text = withArguments(withoutUnit(plain))
    .replace(
      /\\(?:text|textbf|textrm|textit|mathrm|mathbf|mbox|operatorname)\s*\{([^{}]*)\}/g,
      ' $1 ',
    )
    .replace(
      /^\s*(?:\\?[a-zA-Z]+(?:\([a-zA-Z]\))?|[a-zA-Z]_\{?\w\}?)\s*(?:=|\\in(?![a-zA-Z]))\s*/,
      alone,
    )
    .replace(/(\d),(?=\d{3}(?!\d))/g, '$1')
    .replace(/([\^_])\{(\w)\}/g, '$1$2')
    .trim()
    .replace(/[.,;]+$/, '');
  return slashed(withoutWords(text.trim()).replace(/\s+/g, '').toLowerCase());
}

function withoutSpacing(expression: string): string {
  return expression
    .replace(/,\\!\s*/g, ',')
    .replaceAll('{,}', ',')
    .replace(/(?<!\\)\\[!,;: ]|~/g, '')
    .replace(/\\(?:left|right|displaystyle|bigl|bigr|big|Big|quad|qquad)(?![a-zA-Z])/g, '')
    .replace(/\\[dtc]frac(?![a-zA-Z])/g, '\\frac');
}

function withoutMarks(expression: string): string {
  return expression
    .replaceAll('−', '-')
    .replaceAll('π', '\\pi ')
    .replaceAll('∞', '\\infty ')
    .replace(/\\?\$/g, '')
    .replace(/\^\{?\s*\\circ\s*\}?|\\degree(?![a-zA-Z])|°|\\?%/g, '');
}

/** What stands in front of `=` goes where it is a letter, a command or a function of a letter: not a word. */
function alone(front: string): string {
  return /^\s*[a-zA-Z]{2,}/.test(front) ? front : '';
}

const unit = /\\(?:text|mbox|mathrm|textrm)\s*\{([^{}]*)\}(?:\s*\^\s*\{?\d\}?)?\s*\.?\s*$/;

/** A text behind a number or a term is its unit; `AM` and `PM` are not. */
function withoutUnit(expression: string): string {
  const match = unit.exec(expression);
  if (match === null || !/[\d})a-zA-Z]\s*$/.test(expression.slice(0, match.index)))
    return expression;
  return isTimeOfDay(match[1] ?? '') ? expression : expression.slice(0, match.index);
}

/** `12 cm` is 12: words behind a number are its unit. */
function withoutWords(text: string): string {
  const match = /^([-+]?(?:\d+(?:\.\d+)?|\.\d+))\s+([a-zA-Z][a-zA-Z ]*)(?:\^\{?\d\}?)?$/.exec(text);
  return match?.[1] === undefined || isTimeOfDay(match[2] ?? '') ? text : match[1];
}

function isTimeOfDay(words: string): boolean {
  return /^\s*[ap]\.?\s?m\.?\s*$/i.test(words);
}

/** `\pi/2` is `\frac{\pi}{2}`; `(C)` is `C`. */
function slashed(text: string): string {
  return text
    .replace(/^([-+]?)((?:\d|\\pi|[a-z]|\\sqrt\{\w+\})+)\/(\d+)$/, '$1\\frac{$2}{$3}')
    .replace(/^\(([a-z])\)$/, '$1');
}

/** Arguments that `\frac` and `\sqrt` take. */
const argumentCounts: Readonly<Record<string, number>> = { frac: 2, sqrt: 1 };

/** Puts braces around the arguments of `\frac` and `\sqrt`: `\frac12` is `\frac{1}{2}`. */
function withArguments(text: string): string {
  let result = '';
  let at = 0;
  for (const match of text.matchAll(/\\(frac|sqrt)(?![a-zA-Z])/g)) {
    if (match.index < at) continue;
    result += text.slice(at, match.index + match[0].length);
    at = match.index + match[0].length;
    for (let left = argumentCounts[match[1] ?? ''] ?? 0; left > 0; left -= 1) {
      const argument = readArgument(text, at);
      if (argument === null) break;
      result += `{${withArguments(argument.content).trim()}}`;
      at = argument.end;
    }
  }
  return result + text.slice(at);
}

/** A group in braces, a command, or one character; null where none follows, or a bracket does. */
function readArgument(text: string, from: number): { content: string; end: number } | null {
  const match = /\s*(?:(\{)|(\\[a-zA-Z]+|[^\s[\]{}\\]))/y;
  match.lastIndex = from;
  const found = match.exec(text);
  if (found === null) return null;
  if (found[1] === undefined) return { content: found[2] ?? '', end: match.lastIndex };
  let depth = 1;
  for (let index = match.lastIndex; index < text.length; index += 1) {
    if (text[index] === '{') depth += 1;
    else if (text[index] === '}') depth -= 1;
    if (depth === 0) return { content: text.slice(match.lastIndex, index), end: index + 1 };
  }
  return null;
}
