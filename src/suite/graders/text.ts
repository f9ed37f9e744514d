import { UserError } from '../../error/index.ts';
import { boundedMatch, matchLimitMs, type Pattern } from './bounded-match.ts';
import { canonicalDecimal, lastNumber } from './decimal.ts';

/** Equal to a target after trimming both. */
export function gradeExact(answer: string, targets: readonly string[]): boolean {
  const trimmed = answer.trim();
  return targets.some((target) => target.trim() === trimmed);
}

/** Equal to a target after `normalizeText` on both. */
export function gradeNormalized(answer: string, targets: readonly string[]): boolean {
  const normal = normalizeText(answer);
  return targets.some((target) => normalizeText(target) === normal);
}

/**
 * Lower case, without punctuation and symbols, without the English articles, single spaces: the normalisation of the
 * SQuAD evaluation script (Rajpurkar et al. 2016), with punctuation as Unicode has it.
 */
function normalizeText(text: string): string {
  return text
    .toLowerCase()
    .replace(/[\p{P}\p{S}]/gu, '')
    .replace(/\b(?:a|an|the)\b/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '')
    .join(' ');
}

/** The last number of the answer equals the last number of a target, exactly: 0.5 is 0.50 and 1,000 is 1e3. */
export function gradeNumber(answer: string, targets: readonly string[]): boolean {
  const found = numberOf(answer);
  return found !== null && targets.some((target) => numberOf(target) === found);
}

function numberOf(text: string): string | null {
  const number = lastNumber(text);
  return number === null ? null : canonicalDecimal(number);
}

/**
 * The first match's first group (or the whole match, where the pattern has no group), trimmed, equals a target. The
 * pattern is the user's own and can be slow by its own making.
 *
 * @throws UserError where a match takes longer than a second.
 */
export function gradeRegex(
  answer: string,
  targets: readonly string[],
  pattern: Pattern,
  place: { task: string; item: string },
): boolean {
  const { timedOut, captured } = boundedMatch(pattern, answer);
  if (timedOut) {
    throw new UserError(
      `\`suite.yaml\`: expected \`tasks.${place.task}.grader.pattern\` to be matched within ${matchLimitMs / 1000} s, /${pattern.pattern}/${pattern.flags} took longer on item \`${place.item}\`, answer ${JSON.stringify(answer.slice(0, 60))} (${answer.length} characters); write it without a repetition inside a repetition, such as (a+)+`,
    );
  }
  return captured !== null && gradeExact(captured, targets);
}
