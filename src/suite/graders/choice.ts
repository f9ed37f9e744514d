/**
 * Multiple choice by letter. The answer's letter is, first found wins: the whole answer, brackets and punctuation aside
 * (`(B).`); the last `answer is B` / `answer: B`; a letter that begins the answer and is set off by `)`, `.`, `:`, `,` or a
 * line break; the only capital letter that stands alone. Letters beyond the item's choices do not count.
 */
export function gradeChoice(
  answer: string,
  targets: readonly string[],
  choices: readonly string[] | null,
): boolean {
  const letters = lettersOf(choices);
  const found = choiceLetter(answer, letters);
  return (
    found !== null && targets.some((target) => targetLetter(target, choices, letters) === found)
  );
}

/** Places in `choices` of the targets, each a choice's text or letter. */
export function targetPlaces(
  targets: readonly string[],
  choices: readonly string[],
): ReadonlySet<number> {
  const letters = lettersOf(choices);
  const places = targets.map((target) => {
    const trimmed = target.trim();
    const place = choices.findIndex((choice) => choice.trim() === trimmed);
    const letter = place === -1 ? choiceLetter(trimmed, letters) : null;
    return letter === null ? place : letters.indexOf(letter);
  });
  return new Set(places.filter((place) => place !== -1));
}

/** The letter that an answer chooses, of `letters`; null where it chooses none or several. */
function choiceLetter(answer: string, letters: string): string | null {
  const bare = answer.replace(/[\s()[\]{}*.:,"'`$]/g, '');
  if (bare.length === 1 && letters.includes(bare.toUpperCase())) return bare.toUpperCase();
  return stated(answer, letters) ?? leading(answer, letters) ?? alone(answer, letters);
}

function stated(answer: string, letters: string): string | null {
  let last: string | null = null;
  for (const match of answer.matchAll(/answer(?:\s+is)?\s*:?\s*[*([]{0,3}([A-Za-z])(?![\w'])/gi)) {
    const letter = match[1] ?? '';
    // "the answer is a dog": a lower-case letter counts only where nothing but punctuation follows.
    const rest = answer.slice(match.index + match[0].length, match.index + match[0].length + 3);
    if (letter !== letter.toUpperCase() && /^\s+\w/.test(rest)) continue;
    if (letters.includes(letter.toUpperCase())) last = letter.toUpperCase();
  }
  return last;
}

function leading(answer: string, letters: string): string | null {
  const match = /^\s{0,8}[*([]{0,3}([A-Z])(?:[)\].:,*]|\s*\n)/.exec(answer);
  return match?.[1] !== undefined && letters.includes(match[1]) ? match[1] : null;
}

function alone(answer: string, letters: string): string | null {
  const found = new Set<string>();
  for (const match of answer.matchAll(/(?<![\w'])([A-Z])(?![\w'])/g)) {
    if (match[1] !== undefined && letters.includes(match[1])) found.add(match[1]);
  }
  const [only] = found;
  return found.size === 1 && only !== undefined ? only : null;
}

/** A target is a letter, or the text of one of the choices. */
function targetLetter(
  target: string,
  choices: readonly string[] | null,
  letters: string,
): string | null {
  const trimmed = target.trim();
  const index = choices?.findIndex((choice) => choice.trim() === trimmed) ?? -1;
  if (index >= 0 && index < letters.length) return letters[index] ?? null;
  return choiceLetter(trimmed, letters);
}

function lettersOf(choices: readonly string[] | null): string {
  return 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.slice(0, choices?.length ?? 26);
}
