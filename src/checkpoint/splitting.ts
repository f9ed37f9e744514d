import { UserError } from '../error/index.ts';
import { quoteValue } from '../safetensors/index.ts';
import type { PatternStep } from './tokenizer-files.ts';

/**
 * Writes the steps of a pre-tokenizer that the JavaScript library does otherwise than the reference as steps that it
 * does alike.
 *
 * - `Digits` splits at all numeric characters (category N), the library at those of ASCII.
 * - `Split` with `MergedWithPrevious` or `MergedWithNext` leaves the match with its neighbour, the library never does.
 *
 * @throws UserError for a behaviour that has no such form.
 */
export function adaptSplitting(step: PatternStep | null | undefined): PatternStep | null {
  if (step === null || step === undefined) return null;
  if (step.pretokenizers !== undefined) {
    return {
      ...step,
      pretokenizers: step.pretokenizers.map((part) => adaptSplitting(part) ?? part),
    };
  }
  if (step.type === 'Digits') {
    return isolated(`[^\\p{N}]+|\\p{N}${step['individual_digits'] === true ? '' : '+'}`);
  }
  return step.type === 'Split' ? adaptSplit(step) : step;
}

function adaptSplit(step: PatternStep): PatternStep {
  const { pattern, behavior = 'Isolated' } = step;
  if (pattern === undefined || behavior === 'Isolated' || behavior === 'Removed') return step;
  const match = `(?:${'Regex' in pattern ? pattern.Regex : escapePattern(pattern.String)})`;
  const rest = `(?:(?!${match})(?:.|\\n))`;
  if (step['invert'] !== true) {
    if (behavior === 'MergedWithPrevious') return isolated(`${rest}*${match}|${rest}+`);
    if (behavior === 'MergedWithNext') return isolated(`${match}${rest}*|${rest}+`);
  }
  throw new UserError(
    `\`tokenizer.json\`: a split with \`behavior\` ${quoteValue(behavior)} and \`invert\` ${quoteValue(step['invert'])} is not supported`,
  );
}

function isolated(regex: string): PatternStep {
  return { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false };
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
