import { createContext, Script } from 'node:vm';

/** A user's regular expression. */
export type Pattern = { readonly pattern: string; readonly flags: string };

/** Longest time of one match: what backtracks longer than this would go on for hours. */
export const matchLimitMs = 1000;

/** Base-2 logarithm of the steps that a match takes a fraction of `matchLimitMs` for. */
const quickSteps = 26;

/** Compiled patterns, and matches of a pattern, that are kept; longer answers hardly repeat and are not kept. */
const bounds = { patterns: 64, matches: 4096, answerLength: 1000 };

type Compiled = {
  readonly regex: RegExp;
  /** Base-2 logarithm of the steps on an answer of a given length, at most; infinite where no bound is known. */
  readonly steps: (length: number) => number;
  readonly matches: Map<string, string | null>;
};

/**
 * The first match's first group, or the whole match where the pattern has no group; null where nothing matches.
 * `timedOut` where the match was stopped after `matchLimitMs`.
 */
export function boundedMatch(
  { pattern, flags }: Pattern,
  answer: string,
): { readonly timedOut: boolean; readonly captured: string | null } {
  const compiled = remember(compiledPatterns, `${flags}/${pattern}`, bounds.patterns, () => ({
    regex: new RegExp(pattern, flags),
    steps: stepBound(pattern),
    matches: new Map<string, string | null>(),
  }));
  if (compiled.steps(answer.length) <= quickSteps) {
    return { timedOut: false, captured: captured(compiled.regex.exec(answer)) };
  }
  const match = () => captured(interruptibleMatch(compiled.regex, answer));
  try {
    return {
      timedOut: false,
      captured:
        answer.length > bounds.answerLength
          ? match()
          : remember(compiled.matches, answer, bounds.matches, match),
    };
  } catch (error) {
    if (isTimeout(error)) return { timedOut: true, captured: null };
    throw error;
  }
}

const compiledPatterns = new Map<string, Compiled>();

function captured(match: RegExpExecArray | null): string | null {
  if (match === null) return null;
  return match.length > 1 ? (match[1] ?? '') : match[0];
}

/** The value under a key, made where it is not there; a map that is full starts again empty. */
function remember<Value>(
  map: Map<string, Value>,
  key: string,
  limit: number,
  make: () => Value,
): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const value = make();
  if (map.size >= limit) map.clear();
  map.set(key, value);
  return value;
}

/**
 * How long backtracking can take, without parsing: where no group is repeated (but groups of plain characters) and
 * nothing refers back, each of `r` repetitions ends at one of `n + 1` places, the match starts at one of them, and each
 * `|` and `?` doubles the ways. Counts characters that are escaped or in a class too: the bound is only higher then.
 */
function stepBound(pattern: string): (length: number) => number {
  const repeatsGroup = /\)[*+{]/.test(pattern.replace(plainGroup, ''));
  const refersBack = /\\[1-9k]/.test(pattern);
  if (repeatsGroup || refersBack) return () => Number.POSITIVE_INFINITY;
  const repetitions = count(pattern, /[*+{]/g);
  const choices = count(pattern, /\||(?<!(?<!\\)\()\?/g);
  return (length) => (repetitions + 1) * Math.log2(length + 1) + choices;
}

/** A group that matches one length only, so that its repetition is as a character's. */
const plainGroup = /(?<!\\)\((?:\?:)?(?:[^()[\]\\*+?{|]|\\[a-zA-Z.])*\)(?=[*+{])/g;

function count(text: string, what: RegExp): number {
  return text.match(what)?.length ?? 0;
}

type Sandbox = { regex: RegExp | null; answer: string };

let sandbox: Sandbox | null = null;
const script = new Script('regex.exec(answer)');

/** A running expression cannot be left from inside: only a script's time limit interrupts it. Takes 0.07 ms more. */
function interruptibleMatch(regex: RegExp, answer: string): RegExpExecArray | null {
  sandbox ??= createContext({ regex: null, answer: '' }) as Sandbox;
  sandbox.regex = regex;
  sandbox.answer = answer;
  return script.runInContext(sandbox, { timeout: matchLimitMs }) as RegExpExecArray | null;
}

function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}
