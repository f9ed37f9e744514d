import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../error/index.ts';
import { quoteValue } from '../safetensors/index.ts';
import { refuseBrokenTokenizer } from './broken-tokenizer.ts';
import { JSON_LIMITS, readJsonIfPresent, readTextIfPresent } from './json-file.ts';

/** Largest token id that is believed: ids index arrays, and no vocabulary is near it. */
const MAX_ID = 2 ** 24;

const id = z.number().int().min(0).max(MAX_ID);
const flag = z.boolean().optional();
const addedToken = z.looseObject({
  content: z.string().min(1),
  single_word: flag,
  lstrip: flag,
  rstrip: flag,
  normalized: flag,
  special: flag,
});
const named = z.union([z.string(), addedToken]).nullish();

const pattern = z.union([z.object({ String: z.string() }), z.object({ Regex: z.string() })]);

export type PatternStep = {
  type: string;
  pattern?: { String: string } | { Regex: string } | undefined;
  behavior?: string | undefined;
  pretokenizers?: PatternStep[] | undefined;
  normalizers?: PatternStep[] | undefined;
  decoders?: PatternStep[] | undefined;
  [other: string]: unknown;
};

/** A step of a normalizer, pre-tokenizer or decoder; without its pattern the library would skip it and only warn. */
const step: z.ZodType<PatternStep> = z
  .looseObject({
    type: z.string(),
    pattern: pattern.optional(),
    behavior: z.string().optional(),
    pretokenizers: z.lazy(() => z.array(step).optional()),
    normalizers: z.lazy(() => z.array(step).optional()),
    decoders: z.lazy(() => z.array(step).optional()),
  })
  .refine(({ type, pattern }) => pattern !== undefined || !['Split', 'Replace'].includes(type), {
    error: 'expected a pattern',
    path: ['pattern'],
  });
const part = step.nullish();

/** What the library implements; it takes any other type for a plain table of words. */
const MODEL_TYPES = ['BPE', 'Unigram', 'WordPiece'];

/** Whether the library tells the kind of an older file, without a type, by its fields. */
function isInferred(model: { type?: unknown; vocab: unknown }): boolean {
  if (model.type !== undefined) return false;
  const tellsByFields = ['continuing_subword_prefix', 'unk_token'].every((field) =>
    Object.hasOwn(model, field),
  );
  return Array.isArray(model.vocab) || tellsByFields;
}

const tokenizerSchema = z.looseObject({
  added_tokens: z
    .array(addedToken.extend({ id }))
    .nullish()
    .transform((tokens) => tokens ?? []),
  normalizer: part,
  pre_tokenizer: part,
  post_processor: part,
  decoder: part,
  model: z
    .looseObject({
      type: z.unknown().optional(),
      vocab: z.union([z.record(z.string(), id), z.array(z.tuple([z.string(), z.number()]))]),
    })
    .superRefine((model, context) => {
      if (MODEL_TYPES.some((type) => type === model.type) || isInferred(model)) return;
      const found = model.type === undefined ? 'none' : quoteValue(model.type);
      context.addIssue({
        code: 'custom',
        path: ['type'],
        message: `expected one of ${MODEL_TYPES.join(', ')}, found ${found}`,
      });
    }),
});

const configSchema = z.looseObject({
  tokenizer_class: z.string().nullish(),
  add_bos_token: z.boolean().nullish(),
  add_eos_token: z.boolean().nullish(),
  add_prefix_space: z.boolean().nullish(),
  /** True would split special tokens that stand in a text: the library always recognises them. */
  split_special_tokens: z.literal(false).nullish(),
  clean_up_tokenization_spaces: z.boolean().nullish(),
  bos_token: named,
  eos_token: named,
  unk_token: named,
  sep_token: named,
  pad_token: named,
  cls_token: named,
  mask_token: named,
  additional_special_tokens: z.array(z.union([z.string(), addedToken])).nullish(),
  added_tokens_decoder: z.record(z.string().regex(/^\d{1,8}$/), addedToken).nullish(),
  chat_template: z
    .union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() }))])
    .nullish(),
});

type Flag = boolean | undefined;

export type AddedToken = {
  content: string;
  single_word?: Flag;
  lstrip?: Flag;
  rstrip?: Flag;
  normalized?: Flag;
  special?: Flag;
  [other: string]: unknown;
};

type Part = PatternStep | null | undefined;

/** `tokenizer.json` as far as it is read here. */
export type TokenizerJson = {
  added_tokens: (AddedToken & { id: number })[];
  normalizer?: Part;
  pre_tokenizer?: Part;
  post_processor?: Part;
  decoder?: Part;
  model: { vocab: Record<string, number> | [string, number][]; [other: string]: unknown };
  [other: string]: unknown;
};

type NamedToken = string | AddedToken | null | undefined;

/** `tokenizer_config.json` as far as it is read here. */
export type TokenizerConfig = {
  tokenizer_class?: string | null | undefined;
  add_bos_token?: boolean | null | undefined;
  add_eos_token?: boolean | null | undefined;
  add_prefix_space?: boolean | null | undefined;
  split_special_tokens?: false | null | undefined;
  clean_up_tokenization_spaces?: boolean | null | undefined;
  bos_token?: NamedToken;
  eos_token?: NamedToken;
  unk_token?: NamedToken;
  sep_token?: NamedToken;
  pad_token?: NamedToken;
  cls_token?: NamedToken;
  mask_token?: NamedToken;
  additional_special_tokens?: (string | AddedToken)[] | null | undefined;
  added_tokens_decoder?: Record<string, AddedToken> | null | undefined;
  chat_template?:
    | string
    | { name: string; template: string; [other: string]: unknown }[]
    | null
    | undefined;
  [other: string]: unknown;
};

export type TokenizerFiles = {
  path: string;
  tokenizer: TokenizerJson;
  config: TokenizerConfig;
  /** `chat_template.jinja`, which goes before the template in the configuration. */
  template: string | null;
};

/** Characters of a chat template: the longest published ones have 20,000. */
const MAX_TEMPLATE = 1024 * 1024;

/** Reads and checks the files of a tokenizer. */
export async function readTokenizerFiles(dir: string): Promise<TokenizerFiles> {
  const path = join(dir, 'tokenizer.json');
  const tokenizer = await readJsonIfPresent(path, JSON_LIMITS.tokenizer);
  if (tokenizer === null) {
    throw new UserError(
      `\`tokenizer.json\`: expected in the checkpoint's directory, found nothing at ${path}`,
    );
  }
  const configPath = join(dir, 'tokenizer_config.json');
  const config = (await readJsonIfPresent(configPath, JSON_LIMITS.config)) ?? {};
  if (config['added_tokens_decoder'] === undefined) {
    Object.assign(
      config,
      await readJsonIfPresent(join(dir, 'special_tokens_map.json'), JSON_LIMITS.config),
    );
  }
  const parsed = parse<TokenizerJson>(tokenizerSchema, tokenizer, path);
  refuseBrokenTokenizer(tokenizer, path);
  return {
    path,
    tokenizer: parsed,
    config: parse<TokenizerConfig>(configSchema, config, configPath),
    template: await readTextIfPresent(join(dir, 'chat_template.jinja'), MAX_TEMPLATE),
  };
}

/** zod follows nested values by recursion: a hostile depth ends in a RangeError. */
function safeParse<T>(schema: z.ZodType<T>, value: unknown, path: string): z.ZodSafeParseResult<T> {
  try {
    return schema.safeParse(value);
  } catch (error) {
    throw new UserError(`\`tokenizer\`: nested too deeply (in ${path})`, { cause: error });
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const result = safeParse(schema, value, path);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.map(String).join('.') ?? '';
  throw new UserError(
    `\`${path.split('/').at(-1) ?? path}\`: expected another value at \`${place.slice(0, 120)}\`: ${issue?.message ?? 'invalid'} (in ${path})`,
  );
}
