/** String comparison as Python's harnesses do it. */

/** What Python's `str.strip` takes off, which is not quite what `trim` does. */
const blank = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

export function strip(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && blank.test(text.charAt(start))) start += 1;
  while (end > start && blank.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/**
 * Whether a prediction is one of the right answers, as `exact_match` of HELM and `em` of lighteval have it: an empty one
 * never is. Null where there are no right answers.
 *
 * @param stripped whether blanks around both are left out of the comparison.
 */
export function isOneOf(
  prediction: string,
  correct: readonly string[],
  { stripped }: { stripped: boolean },
): 0 | 1 | null {
  if (correct.length === 0) return null;
  if (prediction === '') return 0;
  const shown = (text: string): string => (stripped ? strip(text) : text);
  return correct.some((gold) => shown(gold) === shown(prediction)) ? 1 : 0;
}
