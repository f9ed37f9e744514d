// Prompts, the same in every run: lengths and contents from a linear congruential generator. Of 32 to 300 tokens where
// nothing else is said.

/** As token ids. */
export function drawTokenIds(count) {
  const draw = generator();
  return Array.from({ length: count }, () =>
    Array.from({ length: 32 + draw(269) }, () => 10 + draw(40_000)),
  );
}

/** As token ids: `shared` tokens that all begin with, then 48 to 72 of their own. */
export function drawBehindPrefix(count, shared) {
  const draw = generator();
  const tokens = (length) => Array.from({ length }, () => 10 + draw(40_000));
  const prefix = tokens(shared);
  return Array.from({ length: count }, () => [...prefix, ...tokens(48 + draw(25))]);
}

/** Each is one token of SmolLM2 behind a space, so a text has as many tokens as words. */
const words =
  'the a number of people in each town was asked how many books they had read last year and what they thought about them when another group came later to answer'.split(
    ' ',
  );

/** As text. */
export function drawTexts(count) {
  const draw = generator();
  return Array.from({ length: count }, () =>
    Array.from({ length: 32 + draw(269) }, () => words[draw(words.length)]).join(' '),
  );
}

/** Whole numbers from 0 to below `below`. */
function generator() {
  let state = 12345;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
