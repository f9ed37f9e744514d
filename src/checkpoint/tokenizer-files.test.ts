import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../error/index.ts';
import { loadTokenizer } from './index.ts';
import { writeTinyCheckpoint } from './testing/tiny-checkpoint.ts';

let dir: string;
let files: Record<'tokenizer.json' | 'tokenizer_config.json', string>;
beforeAll(async () => {
  dir = await writeTinyCheckpoint(await mkdtemp(join(tmpdir(), 'sonde-tokenizer-')), {
    bos: true,
    chatTemplate: '{% for m in messages %}{{ m.content }}{% endfor %}',
  });
  files = {
    'tokenizer.json': await readFile(join(dir, 'tokenizer.json'), 'utf8'),
    'tokenizer_config.json': await readFile(join(dir, 'tokenizer_config.json'), 'utf8'),
  };
});
afterAll(() => rm(dir, { recursive: true }));

type Edits = Partial<Record<string, unknown>>;
const load = () => loadTokenizer({ dir, config: {} });

async function edited(name: keyof typeof files, edits: Edits): Promise<void> {
  await writeFile(
    join(dir, name),
    JSON.stringify({ ...(JSON.parse(files[name]) as object), ...edits }),
  );
}

async function restored(): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
}

describe('malformed tokenizers are refused in one message', () => {
  test.each([
    ['tokenizer.json', { model: null }, '`tokenizer.json`: expected another value at `model`'],
    ['tokenizer.json', { model: { vocab: { a: -1 } } }, 'at `model.vocab.a`'],
    ['tokenizer.json', { model: { vocab: { a: 1e12 } } }, 'at `model.vocab'],
    ['tokenizer.json', { model: { type: 'BPE', vocab: {} } }, 'a list of merges at `model.merges`'],
    ['tokenizer.json', { model: { type: 'Unigram', vocab: {} } }, 'found one that fails with'],
    [
      'tokenizer.json',
      { model: { type: 'Frob', vocab: {}, merges: [] } },
      'at `model.type`: expected one of BPE, Unigram, WordPiece, found "Frob"',
    ],
    ['tokenizer.json', { model: { type: null, vocab: [] } }, 'at `model.type`'],
    ['tokenizer.json', { model: { vocab: {}, merges: [] } }, 'WordPiece, found none'],
    ['tokenizer.json', { added_tokens: [{ content: 'a', id: 1e9 }] }, 'at `added_tokens.0.id`'],
    ['tokenizer.json', { added_tokens: [{ content: '', id: 1 }] }, 'at `added_tokens.0.content`'],
    [
      'tokenizer.json',
      { normalizer: { type: 'Odd' } },
      'found one that fails with "Unknown Normalizer type: Odd"',
    ],
    [
      'tokenizer.json',
      { pre_tokenizer: { type: 'Split', pattern: { Regex: '(' }, behavior: 'Isolated' } },
      'found one that fails with "Invalid regular expression',
    ],
    ['tokenizer.json', { pre_tokenizer: { type: 'Split', pattern: 'x' } }, 'at `pre_tokenizer'],
    [
      'tokenizer.json',
      { decoder: { type: 'Sequence', decoders: [{ type: 'Replace' }] } },
      'at `decoder',
    ],
    ['tokenizer.json', { post_processor: 7 }, 'at `post_processor`'],
    [
      'tokenizer_config.json',
      { chat_template: 7 },
      '`tokenizer_config.json`: expected another value at `chat_template`',
    ],
    [
      'tokenizer_config.json',
      { chat_template: [{ name: 'rag', template: '' }] },
      'expected a chat template named `default`, found rag',
    ],
    ['tokenizer_config.json', { chat_template: '{% if %}' }, '`chat template`: is not understood'],
    ['tokenizer_config.json', { split_special_tokens: true }, 'at `split_special_tokens`'],
    ['tokenizer_config.json', { bos_token: 5 }, 'at `bos_token`'],
    [
      'tokenizer_config.json',
      { added_tokens_decoder: { x: { content: 'a' } } },
      'at `added_tokens_decoder',
    ],
  ] as const)('%s %j', async (name, edits, message) => {
    await edited(name, edits);
    await expect(load()).rejects.toThrow(UserError);
    await expect(load()).rejects.toThrow(message);
    await expect(load()).rejects.toThrow(dir);
    await restored();
  });

  test('any value in any place', async () => {
    const place = fc.constantFrom(
      'added_tokens',
      'normalizer',
      'pre_tokenizer',
      'post_processor',
      'decoder',
      'model',
    );
    const kind = fc.constantFrom(
      'Sequence',
      'Split',
      'ByteLevel',
      'Replace',
      'TemplateProcessing',
      'BPE',
      'Unigram',
      'Digits',
      'Fuse',
      'Strip',
    );
    const value = fc.oneof(
      fc.jsonValue(),
      fc
        .tuple(
          kind,
          fc.dictionary(
            fc.constantFrom(
              'pattern',
              'single',
              'normalizers',
              'pretokenizers',
              'decoders',
              'vocab',
              'merges',
              'content',
            ),
            fc.jsonValue(),
          ),
        )
        .map(([type, rest]) => ({ type, ...rest })),
    );
    await fc.assert(
      fc.asyncProperty(place, value, async (key, odd) => {
        await edited('tokenizer.json', { [key]: odd });
        try {
          const tokenizer = await load();
          tokenizer.decode(tokenizer.encodePrompt('the end <|pad|> 12'));
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 150 },
    );
    await restored();
  });
});

describe('chat templates', () => {
  test('the file goes before the configuration; errors of the template name it', async () => {
    const path = join(dir, 'chat_template.jinja');
    await writeFile(
      path,
      "{% for i in range(1, 4) %}{{ i }}{% endfor %}{{ raise_exception('no ' + messages[0].role) }}",
    );
    const tokenizer = await load();
    const render = () => tokenizer.renderMessages([{ role: 'user', content: 'x' }]);
    expect(render).toThrow(UserError);
    expect(render).toThrow(`\`chat template\`: cannot render the messages: no user (in ${dir})`);
    await writeFile(path, "{{ range(3) | join(',') }} {{ strftime_now('%Y') | length }}");
    expect((await load()).renderMessages([])).toBe('0,1,2 4');
    await writeFile(path, '{% for i in range(1000000000) %}{% endfor %}');
    const endless = await load();
    expect(() => endless.renderMessages([])).toThrow('a range of 1000000000 numbers');
    await rm(path);
  });

  test('without one, messages are refused with what to do', async () => {
    await edited('tokenizer_config.json', { chat_template: null });
    const tokenizer = await load();
    expect(tokenizer.hasChatTemplate).toBe(false);
    expect(() => tokenizer.encodeMessages([])).toThrow('found none; ask with `--render prompt`');
    await restored();
  });
});

describe('end of generation', () => {
  const ends = async (generation: object | null, config: Record<string, unknown>) => {
    const path = join(dir, 'generation_config.json');
    if (generation === null) await rm(path, { force: true });
    else await writeFile(path, JSON.stringify(generation));
    return (await loadTokenizer({ dir, config })).eosTokenIds;
  };

  test('generation_config.json, then config.json, then the tokenizer', async () => {
    expect(await ends({ eos_token_id: [2, 0, 2] }, { eos_token_id: 5 })).toEqual([2, 0]);
    expect(await ends({}, { eos_token_id: 5 })).toEqual([5]);
    expect(await ends(null, { eos_token_id: null })).toEqual([0]);
    await expect(ends({ eos_token_id: 'x' }, {})).rejects.toThrow(
      'expected `eos_token_id` to be an id',
    );
    expect(await ends({ eos_token_id: 0 }, {})).toEqual([0]);
  });
});

test('texts that are no Unicode, unknown ids, tokens of whole words', async () => {
  const tokenizer = await load();
  expect(tokenizer.decode(tokenizer.encodePrompt('a\ud800b'))).toBe('a\ufffdb');
  expect(tokenizer.decode([-1, 5000, 1.5])).toBe('');
  expect(tokenizer.vocabularySize).toBe(270);
  const token = { content: 'word', id: 270, single_word: true };
  await edited('tokenizer.json', { added_tokens: [token] });
  const whole = await load();
  expect(() => whole.encodePrompt('words')).toThrow('an added token with `single_word`');
  expect(whole.vocabularySize).toBe(271);
  await restored();
});
