import * as library from '@huggingface/tokenizers';
import { encodeText, type TokenizerParts } from './encode-text.ts';
import { withUnicodeClasses } from './unicode-pattern.ts';

/** A step of the splitting; `tokenizers` are those of a sequence. */
type PreTokenizer = { pattern?: unknown; tokenizers?: readonly PreTokenizer[] };

/** The part of the library that is used: see its `types/core/Tokenizer.d.ts`. */
export type HfTokenizer = {
  pre_tokenizer: PreTokenizer | null;
  /** Tokens before the post-processor; what `encode` calls. */
  encode_text: (text: string | null) => string[] | null;
  encode: (
    text: string,
    options: { add_special_tokens: boolean },
  ) => { ids: readonly (number | undefined)[] };
  decode: (ids: readonly number[], options: { skip_special_tokens: boolean }) => string;
  token_to_id: (token: string) => number | undefined;
  id_to_token: (id: number) => string | undefined;
  get_vocab: () => ReadonlyMap<string, number>;
};

type Library = { Tokenizer: new (tokenizer: object, config: object) => HfTokenizer };

/**
 * Builds a tokenizer of the library, with patterns and added tokens that mean what they mean in the reference.
 *
 * The library's declarations import each other without file extensions, which `nodenext` does not follow: its types
 * arrive as errors, so they are stated here.
 */
export function createTokenizer(tokenizer: object, config: object): HfTokenizer {
  const built = new (library as unknown as Library).Tokenizer(tokenizer, config);
  if (built.pre_tokenizer !== null) adjustPatterns(built.pre_tokenizer);
  const parts = built as unknown as TokenizerParts;
  built.encode_text = (text) => (text === null ? null : encodeText(parts, text));
  return built;
}

function adjustPatterns(preTokenizer: PreTokenizer): void {
  if (preTokenizer.pattern instanceof RegExp) {
    preTokenizer.pattern = withUnicodeClasses(preTokenizer.pattern);
  }
  for (const step of preTokenizer.tokenizers ?? []) adjustPatterns(step);
}
