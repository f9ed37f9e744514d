import { join } from 'node:path';
import { UserError } from '../error/index.ts';
import { quoteValue } from '../safetensors/index.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type ChatMessage, compileChatTemplate } from './chat-template.ts';
import { createTokenizer, type HfTokenizer } from './hf-tokenizer.ts';
import { isRecord, JSON_LIMITS, readJsonIfPresent } from './json-file.ts';
import { asAutoTokenizer } from './auto-tokenizer.ts';
import { readTokenizerFiles, type TokenizerFiles } from './tokenizer-files.ts';

export type PromptTokenizer = {
  /** As `AutoTokenizer(text)`: with the special tokens that the tokenizer itself adds (a BOS where the model has one). */
  encodePrompt: (text: string) => Int32Array;
  /** The rendered messages, encoded without adding special tokens: the template writes them. */
  encodeMessages: (messages: readonly ChatMessage[]) => Int32Array;
  /** A text that begins with what `renderMessages` gave: no special tokens are added. */
  encodeRendered: (text: string) => Int32Array;
  /** The chat template with a generation prompt. Throws UserError where there is none or it refuses the messages. */
  renderMessages: (messages: readonly ChatMessage[]) => string;
  /** Text of generated ids; special tokens, and ids beyond the vocabulary, are left out. */
  decode: (ids: ArrayLike<number>) => string;
  /** Largest token id + 1. Models may have more rows: ids beyond are never sampled. */
  vocabularySize: number;
  hasChatTemplate: boolean;
  /** Tokens that end a generation: `generation_config.json`, else `config.json`, else the tokenizer's EOS. */
  eosTokenIds: readonly number[];
};

/**
 * Loads a checkpoint's tokenizer so that it encodes as `AutoTokenizer.from_pretrained(dir)` of transformers 4.57 does.
 *
 * @throws UserError where the tokenizer's files are missing or malformed.
 */
export async function loadTokenizer(
  checkpoint: Pick<Checkpoint, 'dir' | 'config'>,
): Promise<PromptTokenizer> {
  const { dir, config } = checkpoint;
  const files = await readTokenizerFiles(dir);
  const auto = asAutoTokenizer(files, config);
  const tokenizer = build(files, auto);
  const render = compileChatTemplate(files, auto.specialTokens, dir);
  const encode = (text: string, addSpecialTokens: boolean): Int32Array => {
    // A lone surrogate has no UTF-8 form; Python cannot hold one in a text to encode at all.
    const wellFormed = text.replaceAll(/\p{Surrogate}/gu, '\ufffd');
    refuseSingleWord(wellFormed, auto.singleWord, files.path);
    const options = { add_special_tokens: addSpecialTokens };
    const { ids } = blamingFile(files.path, () => tokenizer.encode(wellFormed, options));
    return toInt32(ids, wellFormed, files.path);
  };
  const eosToken = auto.specialTokens['eos_token'];
  return {
    encodePrompt: (text) => encode(text, true),
    encodeMessages: (messages) => encode(render.render(messages), false),
    encodeRendered: (text) => encode(text, false),
    renderMessages: render.render,
    decode: (ids) => blamingFile(files.path, () => decode(tokenizer, ids)),
    vocabularySize: vocabularySize(tokenizer),
    hasChatTemplate: render.present,
    eosTokenIds: await readEosTokenIds(
      dir,
      config,
      eosToken === undefined ? undefined : tokenizer.token_to_id(eosToken),
    ),
  };
}

function build(
  { path }: TokenizerFiles,
  { json, config }: ReturnType<typeof asAutoTokenizer>,
): HfTokenizer {
  return blamingFile(path, () => createTokenizer(json, config));
}

/** The library trusts its input: what it stumbles over is in the file. */
function blamingFile<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `\`tokenizer.json\`: expected a tokenizer of the Hugging Face library, found one that fails with ${quoteValue(reason)} (in ${path})`,
      { cause: error },
    );
  }
}

function toInt32(ids: readonly (number | undefined)[], text: string, path: string): Int32Array {
  const encoded = new Int32Array(ids.length);
  for (const [i, id] of ids.entries()) {
    if (id === undefined) {
      throw new UserError(
        `\`tokenizer.json\`: expected every piece of the text in the vocabulary, found none for piece ${i} of ${quoteValue(text)}, and no unknown token (in ${path})`,
      );
    }
    encoded[i] = id;
  }
  return encoded;
}

function decode(tokenizer: HfTokenizer, ids: ArrayLike<number>): string {
  const known = Array.from(ids).filter((id) => tokenizer.id_to_token(id) !== undefined);
  if (known.length === 0) return '';
  return tokenizer.decode(known, { skip_special_tokens: true });
}

/** The library matches such a token inside of words too, the reference only between them. */
function refuseSingleWord(text: string, tokens: readonly string[], path: string): void {
  const found = tokens.find((token) => text.includes(token));
  if (found === undefined) return;
  throw new UserError(
    `\`tokenizer.json\`: the text contains ${quoteValue(found)}, an added token with \`single_word\`, which is not supported (in ${path})`,
  );
}

function vocabularySize(tokenizer: HfTokenizer): number {
  let largest = -1;
  for (const id of tokenizer.get_vocab().values()) largest = Math.max(largest, id);
  return largest + 1;
}

async function readEosTokenIds(
  dir: string,
  config: Readonly<Record<string, unknown>>,
  tokenizerEos: number | undefined,
): Promise<readonly number[]> {
  const generation = await readJsonIfPresent(
    join(dir, 'generation_config.json'),
    JSON_LIMITS.config,
  );
  const text = config['text_config'];
  const stated =
    generation?.['eos_token_id'] ??
    config['eos_token_id'] ??
    (isRecord(text) ? text['eos_token_id'] : undefined) ??
    tokenizerEos ??
    [];
  const ids: unknown[] = Array.isArray(stated) ? stated : [stated];
  if (ids.every((id): id is number => Number.isSafeInteger(id))) return [...new Set(ids)];
  throw new UserError(
    `\`generation_config.json\`: expected \`eos_token_id\` to be an id or a list of ids (in ${dir})`,
  );
}
