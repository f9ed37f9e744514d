import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { damageOf } from './damaged-log.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'sonde-damaged-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

test.each([
  ['results_2026-01-01.json', '', '`results_2026-01-01.json`: expected a log, the file is empty'],
  [
    'results_2026-01-01.json',
    '{"results": {"t": {"acc,none": 0.',
    '`results_2026-01-01.json`, byte 33: expected JSON to go on with a value, it ends there',
  ],
  [
    'any.json',
    '{"results": {"t": {"acc": 0.5',
    '`any.json`, byte 29: expected JSON to go on with a value, it ends there',
  ],
  ['samples_t_1.jsonl', '{"a": 1}\n{"b"', '`samples_t_1.jsonl`, line 2: expected JSON: '],
  ['any.json', '[{"doc_id": 1}', '`any.json`, byte 14: expected JSON to go on with `,` or `]`'],
])('%s with %s', async (name, content, damage) => {
  const path = join(dir, name);
  writeFileSync(path, content);
  expect(await damageOf(path)).toContain(damage);
});

test.each([
  ['results_2026-01-01.json', '{"a": 1}'],
  ['config.json', '{"a": '],
  ['config.json', ''],
  ['metrics.json', 'no JSON at all'],
])('%s with %s is none of these, or whole', async (name, content) => {
  const path = join(dir, name);
  writeFileSync(path, content);
  expect(await damageOf(path)).toBeNull();
});

test('a file that is not there has no damage to tell', async () => {
  expect(await damageOf(join(dir, 'absent/results.json'))).toBeNull();
});
