import { adaptSplitting } from './splitting.ts';
import type {
  AddedToken,
  TokenizerConfig,
  TokenizerFiles,
  TokenizerJson,
} from './tokenizer-files.ts';

export type AutoTokenizer = {
  /** `tokenizer.json` with the changes that transformers makes to it while loading. */
  json: TokenizerJson;
  /** Options of the JavaScript library. */
  config: { clean_up_tokenization_spaces: boolean; additional_special_tokens: string[] };
  /** Named special tokens (`bos_token`, …) as the chat template sees them; those without a value are absent. */
  specialTokens: Readonly<Record<string, string>>;
  /** Added tokens that match whole words only. */
  singleWord: readonly string[];
};

const NAMED = [
  'bos_token',
  'eos_token',
  'unk_token',
  'sep_token',
  'pad_token',
  'cls_token',
  'mask_token',
] as const;

/** What a class of transformers does beyond `tokenizer.json`. */
type ClassRules = {
  /** Named special tokens that hold where the configuration is silent. */
  defaults: Partial<Record<(typeof NAMED)[number], string>>;
  /** The class builds its own post-processor from `add_bos_token` (this is its default) and `add_eos_token`. */
  addBos?: boolean;
};

const LLAMA: ClassRules = {
  defaults: { bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>' },
  addBos: true,
};
const GPT2_TOKENS = {
  bos_token: '<|endoftext|>',
  eos_token: '<|endoftext|>',
  unk_token: '<|endoftext|>',
};

const CLASSES: Readonly<Record<string, ClassRules>> = {
  LlamaTokenizer: LLAMA,
  CodeLlamaTokenizer: LLAMA,
  GemmaTokenizer: {
    defaults: { bos_token: '<bos>', eos_token: '<eos>', unk_token: '<unk>', pad_token: '<pad>' },
    addBos: true,
  },
  CohereTokenizer: {
    defaults: { bos_token: '<BOS_TOKEN>', eos_token: '<|END_OF_TURN_TOKEN|>', unk_token: '<UNK>' },
    addBos: true,
  },
  GPTNeoXTokenizer: { defaults: GPT2_TOKENS, addBos: false },
  GPT2Tokenizer: { defaults: GPT2_TOKENS },
  Qwen2Tokenizer: {
    defaults: {
      eos_token: '<|endoftext|>',
      unk_token: '<|endoftext|>',
      pad_token: '<|endoftext|>',
    },
  },
};

/** The class that AutoTokenizer takes where neither `tokenizer_config.json` nor `config.json` names one (`TOKENIZER_MAPPING_NAMES`). */
const CLASS_OF_FAMILY: Readonly<Record<string, string>> = {
  llama: 'LlamaTokenizer',
  mistral: 'LlamaTokenizer',
  mixtral: 'LlamaTokenizer',
  phi3: 'LlamaTokenizer',
  gemma: 'GemmaTokenizer',
  gemma2: 'GemmaTokenizer',
  gemma3: 'GemmaTokenizer',
  gemma3_text: 'GemmaTokenizer',
  cohere: 'CohereTokenizer',
  deepseek_v3: 'LlamaTokenizer',
  granite: 'GPT2Tokenizer',
  stablelm: 'GPTNeoXTokenizer',
  starcoder2: 'GPT2Tokenizer',
  gpt2: 'GPT2Tokenizer',
  gpt_neox: 'GPTNeoXTokenizer',
  olmo: 'GPTNeoXTokenizer',
  olmo2: 'GPTNeoXTokenizer',
  olmo3: 'GPT2Tokenizer',
  olmoe: 'GPTNeoXTokenizer',
  qwen2: 'Qwen2Tokenizer',
  qwen2_moe: 'Qwen2Tokenizer',
  qwen3: 'Qwen2Tokenizer',
  qwen3_moe: 'Qwen2Tokenizer',
};

/**
 * Makes of the files what `AutoTokenizer.from_pretrained` (transformers 4.57) makes of them: the class decides on the
 * BOS, the configuration adds and changes special tokens, and `add_prefix_space` is the configuration's.
 */
export function asAutoTokenizer(
  files: TokenizerFiles,
  modelConfig: Readonly<Record<string, unknown>>,
): AutoTokenizer {
  const { tokenizer, config } = files;
  const className = config.tokenizer_class ?? classOf(modelConfig);
  const rules = rulesOf(className);
  const specialTokens = namedTokens(config, rules);
  const additional = (config.additional_special_tokens ?? []).map(contentOf);
  const added = mergeAddedTokens(tokenizer, config, [
    ...Object.values(specialTokens),
    ...additional,
  ]);
  const json: TokenizerJson = {
    ...tokenizer,
    added_tokens: added,
    normalizer: tokenizer.normalizer ?? null,
    decoder: tokenizer.decoder ?? null,
    pre_tokenizer: adaptSplitting(
      withPrefixSpace(tokenizer.pre_tokenizer ?? null, config, className),
    ),
    post_processor:
      rules?.addBos === undefined
        ? (tokenizer.post_processor ?? null)
        : postProcessor(rules.addBos, config, specialTokens),
  };
  return {
    json,
    config: {
      clean_up_tokenization_spaces: config.clean_up_tokenization_spaces ?? false,
      additional_special_tokens: additional,
    },
    specialTokens,
    singleWord: added.filter((token) => token.single_word === true).map(({ content }) => content),
  };
}

function classOf({
  tokenizer_class: stated,
  model_type: family,
}: Readonly<Record<string, unknown>>): string {
  if (typeof stated === 'string') return stated;
  return typeof family === 'string' && Object.hasOwn(CLASS_OF_FAMILY, family)
    ? (CLASS_OF_FAMILY[family] ?? '')
    : '';
}

/** Own entries only: a file may name a class after a member of every object, `constructor` for one. */
function rulesOf(className: string): ClassRules | undefined {
  const slow = className.replace(/Fast$/, '');
  return Object.hasOwn(CLASSES, slow) ? CLASSES[slow] : undefined;
}

function contentOf(token: string | AddedToken): string {
  return typeof token === 'string' ? token : token.content;
}

function namedTokens(
  config: TokenizerConfig,
  rules: ClassRules | undefined,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of NAMED) {
    // An explicit null means none; only a silent configuration takes the default of the class.
    const token = config[name] === undefined ? rules?.defaults[name] : config[name];
    if (token !== undefined && token !== null) found[name] = contentOf(token);
  }
  return found;
}

type PlacedToken = TokenizerJson['added_tokens'][number];

/** The tokens of `added_tokens_decoder` replace those of the file or join them, then the named special ones join. */
function mergeAddedTokens(
  tokenizer: TokenizerJson,
  config: TokenizerConfig,
  special: readonly string[],
): PlacedToken[] {
  const byContent = new Map(tokenizer.added_tokens.map((token) => [token.content, token]));
  const vocabulary = vocabularyIds(tokenizer);
  const specials = new Set(special);
  // A running maximum: a file may add as many tokens as it likes, each after all before it.
  let largest = largestId(vocabulary.values(), [...byContent.values()]);
  const join = (token: AddedToken): void => {
    const { content } = token;
    const id = byContent.get(content)?.id ?? vocabulary.get(content) ?? largest + 1;
    largest = Math.max(largest, id);
    byContent.set(content, { ...token, id });
  };
  const stated = Object.entries(config.added_tokens_decoder ?? {}).sort(
    ([a], [b]) => Number(a) - Number(b),
  );
  for (const [, token] of stated) {
    join({ ...token, special: token.special === true || specials.has(token.content) });
  }
  for (const content of specials) {
    if (!byContent.has(content)) join({ content, special: true });
  }
  return [...byContent.values()];
}

function largestId(vocabulary: Iterable<number>, added: readonly PlacedToken[]): number {
  let largest = -1;
  for (const id of vocabulary) largest = Math.max(largest, id);
  for (const { id } of added) largest = Math.max(largest, id);
  return largest;
}

function vocabularyIds({ model: { vocab } }: TokenizerJson): Map<string, number> {
  return Array.isArray(vocab)
    ? new Map(vocab.map(([token], id) => [token, id]))
    : new Map(Object.entries(vocab));
}

/** transformers sets `add_prefix_space` of a byte-level pre-tokenizer to the configuration's value, false by default. */
function withPrefixSpace(
  preTokenizer: TokenizerJson['pre_tokenizer'],
  config: TokenizerConfig,
  className: string,
): TokenizerJson['pre_tokenizer'] {
  if (preTokenizer?.type !== 'ByteLevel' || /^(Code)?Llama/.test(className)) return preTokenizer;
  return { ...preTokenizer, add_prefix_space: config.add_prefix_space ?? false };
}

/** `update_post_processor` of the Llama, Gemma, Cohere and GPT-NeoX classes. */
function postProcessor(
  addBosDefault: boolean,
  config: TokenizerConfig,
  specialTokens: Readonly<Record<string, string>>,
): TokenizerJson['post_processor'] {
  const special = (name: string, wanted: boolean): object[] => {
    const id = specialTokens[name];
    return wanted && id !== undefined ? [{ SpecialToken: { id, type_id: 0 } }] : [];
  };
  const before = special('bos_token', config.add_bos_token ?? addBosDefault);
  const after = special('eos_token', config.add_eos_token ?? false);
  const single = [...before, { Sequence: { id: 'A', type_id: 0 } }, ...after];
  return { type: 'TemplateProcessing', single, pair: single, special_tokens: {} };
}
