import * as library from '@huggingface/tokenizers';

/** The part of the library that is used: see its `types/core/Tokenizer.d.ts`. */
export type HfTokenizer = {
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
 * The library's declarations import each other without file extensions, which `nodenext` does not follow: its types
 * arrive as errors, so they are stated here.
 */
export function createTokenizer(tokenizer: object, config: object): HfTokenizer {
  return new (library as unknown as Library).Tokenizer(tokenizer, config);
}
