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

test('new tokens follow the largest id, those of the vocabulary keep theirs', () => {
  const decoder = { 7: { content: 'x' }, 10: { content: 'b' }, 3: { content: '<s>' } };
  const config = { added_tokens_decoder: decoder, eos_token: 'e', pad_token: 'x' };
  const { added_tokens: added } = asAutoTokenizer(filesWith(config), {}).json;
  const placed = added.map(({ content, id, special }) => ({ content, id, special }));
  expect(placed).toEqual([
    { content: '<s>', id: 2, special: false },
    { content: 'x', id: 3, special: true },
    { content: 'b', id: 1, special: false },
    { content: 'e', id: 4, special: true },
  ]);
});

test('100,000 new tokens, named special ones as well, take no time that grows with their square', () => {
  const contents = Array.from({ length: 100_000 }, (_, i) => `<new ${i}>`);
  const config = {
    added_tokens_decoder: Object.fromEntries(contents.map((content, i) => [i, { content }])),
    additional_special_tokens: contents,
  };
  const start = performance.now();
  const { json } = asAutoTokenizer(filesWith(config), {});
  // The square would take minutes.
  expect(performance.now() - start).toBeLessThan(5000);
  expect(json.added_tokens.at(-1)).toEqual({ content: '<new 99999>', special: true, id: 100_002 });
});
