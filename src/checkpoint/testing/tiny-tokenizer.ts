export type TinyTokenizer = {
  json: Record<string, unknown>;
  config: Record<string, unknown>;
  /** Largest id + 1. */
  vocabularySize: number;
};

const SPECIAL = ['<|endoftext|>', '<|pad|>', '<|user|>', '<|assistant|>', '<|begin|>'];

const MERGES = ['Ġ t', 'h e', 'Ġt he', 'i n', 'a n', 'an d', 'Ġ a', 'e r', 'Ġ and'];

/** The character that stands for each byte in a byte-level vocabulary (GPT-2's `bytes_to_unicode`). */
function byteCharacters(): string[] {
  let shifted = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCharCode(printable ? byte : shifted++);
  });
}

/** A byte-level BPE tokenizer with all 256 bytes, a few merges and the special tokens of a chat. */
export function tinyTokenizer(bos: boolean): TinyTokenizer {
  const tokens = [
    ...SPECIAL,
    ...byteCharacters(),
    ...MERGES.map((merge) => merge.replace(' ', '')),
  ];
  const vocab = Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]));
  const begin = vocab['<|begin|>'] ?? 0;
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: 'ByteLevel',
      add_prefix_space: false,
      trim_offsets: true,
      use_regex: true,
    },
    post_processor: bos ? beginTemplate(begin) : null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      unk_token: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab,
      merges: MERGES,
    },
  };
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: bos ? '<|begin|>' : null,
    eos_token: '<|endoftext|>',
    pad_token: '<|pad|>',
    clean_up_tokenization_spaces: false,
  };
  return { json, config, vocabularySize: Object.keys(vocab).length };
}

function beginTemplate(id: number): Record<string, unknown> {
  const begin = { SpecialToken: { id: '<|begin|>', type_id: 0 } };
  return {
    type: 'TemplateProcessing',
    single: [begin, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [begin, { Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
    special_tokens: { '<|begin|>': { id: '<|begin|>', ids: [id], tokens: ['<|begin|>'] } },
  };
}
