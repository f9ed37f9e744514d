import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadTokenizer } from './index.ts';

type Golden = {
  ids: number[][];
  decoded: string[];
  chats: { role: string; content: string }[][];
  rendered: ({ text: string; ids: number[] } | { error: string })[];
};

const goldens = fileURLToPath(new URL('../../test/golden/', import.meta.url));
const folder = `${goldens}tokenizers/`;
const texts = JSON.parse(readFileSync(`${goldens}tokenizer-texts.json`, 'utf8')) as string[];

describe.each(readdirSync(folder))('as AutoTokenizer: %s', (name) => {
  const dir = `${folder}${name}`;
  const read = (file: string) => JSON.parse(readFileSync(`${dir}/${file}`, 'utf8')) as unknown;
  const golden = read('expected.json') as Golden;
  const load = () => loadTokenizer({ dir, config: read('config.json') as Record<string, unknown> });

  test('token ids', async () => {
    const tokenizer = await load();
    const encode = (text: string) => ({ text, ids: [...tokenizer.encodePrompt(text)] });
    expect(texts.map(encode)).toEqual(texts.map((text, i) => ({ text, ids: golden.ids[i] })));
  });

  test('decoded text', async () => {
    const tokenizer = await load();
    const decode = (ids: number[]) => ({ ids, text: tokenizer.decode(ids) });
    expect(golden.ids.map(decode)).toEqual(
      golden.ids.map((ids, i) => ({ ids, text: golden.decoded[i] })),
    );
  });

  if (golden.rendered.length === 0) return;

  test('chats', async () => {
    const tokenizer = await load();
    for (const [i, chat] of golden.chats.entries()) {
      const wanted = golden.rendered[i]!;
      if ('error' in wanted) {
        expect(() => tokenizer.renderMessages(chat)).toThrow(wanted.error);
        continue;
      }
      expect(tokenizer.renderMessages(chat)).toBe(wanted.text);
      expect([...tokenizer.encodeMessages(chat)]).toEqual(wanted.ids);
    }
  });
});
