import { describe, expect, test } from 'vitest';
import { UserError } from '../error/index.ts';
import { refuseBrokenTokenizer } from './broken-tokenizer.ts';

const vocab = { a: 0, b: 1, ab: 2, '##b': 3, ' ': 4, 'a ': 5, 'b</w>': 6, 'ab</w>': 7 };

const bpe = (edits: object) => ({ model: { type: 'BPE', vocab, merges: [], ...edits } });
const refusing = (tokenizer: object) => () =>
  refuseBrokenTokenizer(tokenizer as Record<string, unknown>, 'some/tokenizer.json');

describe('steps without what the reference needs', () => {
  test.each([
    [{ normalizer: { type: 'Prepend' } }, 'expected a string at `normalizer.prepend`'],
    [{ normalizer: { type: 'Replace', pattern: { String: 'x' } } }, '`normalizer.content`'],
    [{ normalizer: { type: 'Sequence' } }, 'a list of steps at `normalizer.normalizers`'],
    [
      { normalizer: { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'Prepend' }] } },
      '`normalizer.normalizers.1.prepend`, found nothing; copy the tokenizer again',
    ],
    [{ pre_tokenizer: { type: 'Sequence' } }, '`pre_tokenizer.pretokenizers`'],
    [{ pre_tokenizer: { type: 'Split', pattern: { String: 'x' } } }, '`pre_tokenizer.behavior`'],
    [{ pre_tokenizer: { type: 'FixedLength', length: 0 } }, 'at least 1 at `pre_tokenizer.length`'],
    [{ post_processor: { type: 'Sequence' } }, '`post_processor.processors`'],
    [{ decoder: { type: 'Sequence' } }, '`decoder.decoders`'],
    [{ decoder: { type: 'Replace', pattern: { String: 'x' } } }, '`decoder.content`'],
    [{ decoder: { type: 'Strip', content: ' ', start: 1 } }, '`decoder.stop`, found nothing'],
    [{ decoder: { type: 'Strip', content: ' ', start: -1, stop: 0 } }, '`decoder.start`, found -1'],
  ])('%j', (tokenizer, message) => {
    expect(refusing(tokenizer)).toThrow(UserError);
    expect(refusing(tokenizer)).toThrow(message);
    expect(refusing(tokenizer)).toThrow('(in some/tokenizer.json)');
  });

  test('others are left to the library', () => {
    const strip = { type: 'Strip', strip_left: true, strip_right: false };
    const prepend = { type: 'Prepend', prepend: '▁' };
    expect(
      refusing({
        normalizer: { type: 'Sequence', normalizers: [strip, prepend, { type: 'constructor' }] },
        pre_tokenizer: { type: 'Replace', pattern: { String: 'x' } },
        post_processor: { type: 'Sequence', processors: [{ type: 'ByteLevel' }] },
        decoder: null,
      }),
    ).not.toThrow();
  });
});

describe('BPE', () => {
  test.each([
    [{ merges: ['abc'] }, 'expected two tokens, in the form of the first merge ("a b"), at'],
    [{ merges: ['a b', 'a b c'] }, '`model.merges.1`, found "a b c"'],
    [{ merges: ['a b', ['a', 'b']] }, '`model.merges.1`, found ["a", "b"]'],
    [{ merges: [['a', 'b'], 'a b'] }, 'in the form of the first merge (["a", "b"]), at'],
    [{ merges: [['a', 'b', 'c']] }, '`model.merges.0`, found ["a", "b", "c"]'],
    [{ merges: [['a', 1]] }, '`model.merges.0`, found ["a", 1]'],
    [{ merges: ['a  b'] }, '`model.merges.0`, found "a  b"'],
    [{ merges: ['a x'] }, '("x" is not in it) at `model.merges.0`, found ["a", "x"]'],
    [{ merges: ['x a'] }, '("x" is not in it)'],
    [{ merges: ['b a'] }, '("ba" is not in it)'],
    [{ merges: ['a constructor'] }, '("constructor" is not in it)'],
    [{ merges: ['a ##b'] }, '("a##b" is not in it)'],
    [{ merges: {} }, 'a list of merges at `model.merges`'],
    [{ vocab: [['a', 0]] }, 'an object of tokens and ids at `model.vocab`'],
    [
      { dropout: 0.1 },
      'expected null or 0 at `model.dropout`, found 0.1, which leaves merges out at random',
    ],
    [{ dropout: '0' }, '`model.dropout`, found "0"'],
    [{ type: undefined, merges: ['abc'] }, '`model.merges.0`'],
  ])('refused: %j', (edits, message) => {
    expect(refusing(bpe(edits))).toThrow(UserError);
    expect(refusing(bpe(edits))).toThrow(message);
  });

  test.each([
    [{ merges: ['a b'], dropout: null }],
    [{ merges: ['#version: 0.2', 'a b'], dropout: 0 }],
    [{ merges: [['a', 'b']], ignore_merges: true }],
    [{ merges: [['a', ' ']], byte_fallback: true }],
    [{ merges: ['a b</w>'], end_of_word_suffix: '</w>' }],
    [{ merges: ['a ##b'], continuing_subword_prefix: '##' }],
    [{ merges: ['a b'], continuing_subword_prefix: '' }],
    [{ vocab: JSON.parse('{"__pro":0,"to__":1,"__proto__":2}') as object, merges: ['__pro to__'] }],
  ])('accepted: %j', (edits) => {
    expect(refusing(bpe(edits))).not.toThrow();
  });

  test('other models have no merges', () => {
    expect(refusing({ model: { type: 'Unigram', vocab: [['a', 0]] } })).not.toThrow();
    expect(refusing({ model: { type: 'WordPiece', vocab } })).not.toThrow();
  });

  test('250,000 merges take no time that grows with their square', () => {
    const merges = Array.from({ length: 250_000 }, (_, i) => [`<${i}`, '>']);
    const tokens = ['>', ...merges.flatMap(([left = '']) => [left, `${left}>`])];
    const large = Object.fromEntries(tokens.map((token, i) => [token, i]));
    const start = performance.now();
    expect(refusing(bpe({ vocab: large, merges }))).not.toThrow();
    // Half a second; the square would take hours.
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
