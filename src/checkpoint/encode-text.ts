import { SPACE } from './unicode-pattern.ts';

type Step<T> = (text: T, options?: { section_index: number }) => string[];

type Splitter = { split: (text: string) => string[] };

/** Parts of the library's tokenizer: see `encode_text` in its `src/core/Tokenizer.ts`. */
export type TokenizerParts = {
  splitter_unnormalized: Splitter;
  splitter_normalized: Splitter;
  /** By content, and by normalised content for those that match in normalised text. */
  added_tokens_map: ReadonlyMap<string, AddedTokenFlags>;
  normalizer: ((text: string) => string) | null;
  pre_tokenizer: Step<string> | null;
  model: Step<string[]> & {
    tokens_to_ids: ReadonlyMap<string, number>;
    config: { type?: unknown; byte_fallback?: unknown };
  };
};

type AddedTokenFlags = { content: string; lstrip: boolean; rstrip: boolean; normalized: boolean };

type Section = { text: string; added: AddedTokenFlags | null };

const LEADING = new RegExp(`^[${SPACE}]+`, 'u');
const SINGLE = new RegExp(`[${SPACE}]`, 'u');

/**
 * Tokens of a text, without those that a post-processor adds. As the library does it, with three differences, all those
 * of the reference: white space beside an added token is that of Unicode, a token that matches in the text as given does
 * not match in normalised text, and a Unigram model may fall back to bytes.
 */
export function encodeText(parts: TokenizerParts, text: string): string[] {
  const { normalizer } = parts;
  const asGiven = (token: AddedTokenFlags): boolean => !token.normalized || normalizer === null;
  return sections(parts, parts.splitter_unnormalized.split(text), asGiven).flatMap(
    (section, section_index) => {
      if (section.added !== null) return [section.text];
      if (section.text === '') return [];
      const normalised = normalizer === null ? section.text : normalizer(section.text);
      const pieces = parts.splitter_normalized.split(normalised);
      return sections(parts, pieces, (token) => !asGiven(token)).flatMap((piece) => {
        if (piece.added !== null) return [piece.text];
        if (piece.text === '') return [];
        return encodePiece(parts, piece.text, section_index);
      });
    },
  );
}

/** Sections with the added tokens among them, and without the white space that those take in. */
function sections(
  { added_tokens_map: tokens }: TokenizerParts,
  texts: readonly string[],
  matches: (token: AddedTokenFlags) => boolean,
): Section[] {
  const found = texts.map((text): Section => {
    const token = tokens.get(text);
    return { text, added: token !== undefined && matches(token) ? token : null };
  });
  return found.map(({ text, added }, i) => {
    if (added !== null) return { text, added };
    const afterToken = found[i - 1]?.added?.rstrip === true ? text.replace(LEADING, '') : text;
    const alone = found[i + 1]?.added?.lstrip === true ? withoutTrailing(afterToken) : afterToken;
    return { text: alone, added };
  });
}

/** By hand: a pattern that is anchored at the end starts anew at every character before it. */
function withoutTrailing(text: string): string {
  let end = text.length;
  while (end > 0 && SINGLE.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

function encodePiece(
  { pre_tokenizer: split, model }: TokenizerParts,
  text: string,
  section_index: number,
): string[] {
  const tokens = model(split === null ? [text] : split(text, { section_index }));
  if (model.config.type !== 'Unigram' || model.config.byte_fallback !== true) return tokens;
  return tokens.flatMap((token) => {
    if (model.tokens_to_ids.has(token)) return [token];
    const bytes = Array.from(
      new TextEncoder().encode(token),
      (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
    );
    return bytes.every((byte) => model.tokens_to_ids.has(byte)) ? bytes : [token];
  });
}
