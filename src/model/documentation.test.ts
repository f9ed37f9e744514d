import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ConfigReader } from './config-reader.ts';
import { FAMILIES } from './families/registry.ts';
import { TINY_FAMILIES } from './testing/tiny-families.ts';

const page = readFileSync(new URL('../../docs/architectures.md', import.meta.url), 'utf8');

/** What stands in backticks. */
const quoted = (text: string): string[] =>
  [...text.matchAll(/`([^`]+)`/g)].flatMap(([, name]) => (name === undefined ? [] : [name]));

const rows = new Map(
  page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      const [name = '', ...fields] = quoted(line);
      return [name, new Set(fields)] as const;
    }),
);
const common = new Set(
  quoted(/All families but GPT-2 read[\s\S]*?flat or nested/.exec(page)?.[0] ?? ''),
);

test('docs/architectures.md has a row for every family', () => {
  expect([...rows.keys()].sort()).toEqual([...FAMILIES.keys()].sort());
});

test.each(TINY_FAMILIES)(
  'docs/architectures.md names every field that $name reads',
  ({ model }) => {
    const type = String(model.config['model_type']);
    const reader = new ConfigReader(model.config, '/model');
    FAMILIES.get(type)!.read(reader);
    const told = [...reader.fields].filter(
      (field) => rows.get(type)!.has(field) || (type !== 'gpt2' && common.has(field)),
    );
    expect(told.sort()).toEqual([...reader.fields].sort());
  },
);

test.each([...rows])('%s: the page names no field that is not read', (type, fields) => {
  const read = new Set<string>();
  for (const { model } of TINY_FAMILIES) {
    if (model.config['model_type'] !== type) continue;
    const reader = new ConfigReader(model.config, '/model');
    FAMILIES.get(type)!.read(reader);
    for (const field of reader.fields) read.add(field);
  }
  // Refused for all families together, by `finish`.
  const held = new Set(['attn_logit_softcapping']);
  // Other families, and a type of rotation.
  const others = new Set([...FAMILIES.keys(), 'longrope']);
  expect(
    [...fields].filter((field) => !read.has(field) && !held.has(field) && !others.has(field)),
  ).toEqual([]);
});
