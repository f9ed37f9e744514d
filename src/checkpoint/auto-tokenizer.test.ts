import { expect, test } from 'vitest';
import { asAutoTokenizer } from './auto-tokenizer.ts';
import type { TokenizerConfig, TokenizerFiles, TokenizerJson } from './tokenizer-files.ts';

function filesWith(config: TokenizerConfig): TokenizerFiles {
  const tokenizer: TokenizerJson = {
    added_tokens: [{ content: '<s>', id: 2, special: true }],
    post_processor: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab: { a: 0, b: 1 }, merges: [] },
  };
  return { path: 'tokenizer.json', tokenizer, config, template: null };
}

const INHERITED = ['constructor', 'toString', 'valueOf', '__proto__', 'constructorFast'];

test.each(INHERITED)('the class %s is one without rules', (name) => {
  const plain = asAutoTokenizer(filesWith({ tokenizer_class: 'PreTrainedTokenizerFast' }), {});
  expect(asAutoTokenizer(filesWith({ tokenizer_class: name }), {})).toEqual(plain);
  expect(asAutoTokenizer(filesWith({}), { tokenizer_class: name })).toEqual(plain);
  expect(asAutoTokenizer(filesWith({}), { model_type: name })).toEqual(plain);
});
