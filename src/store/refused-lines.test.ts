import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFactsCheck, createImporters, type OutcomeRecord } from '../outcomes/index.ts';
import { record } from '../outcomes/testing/record.ts';
import { openStore } from './store.ts';

test('what is refused of a JSONL file is named by its lines, blank ones counted', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'lines-'));
  await using store = await openStore(join(dir, 'store'));
  const path = join(dir, 'x.jsonl');
  const line = (changes: Partial<OutcomeRecord>): string =>
    JSON.stringify({ ...record(changes), prompt_sha256: null });
  const importFile = async (lines: readonly string[]): Promise<void> => {
    await writeFile(path, lines.join('\n'));
    const importer = createImporters(store.openTable).find(({ format }) => format === 'jsonl');
    const checkFacts = createFactsCheck();
    let number = 0;
    async function* records(): AsyncGenerator<OutcomeRecord> {
      for await (const one of importer!.read(path)) {
        checkFacts(one, (number += 1));
        yield one;
      }
    }
    const origin = { identity: lines.join(), name: 'x.jsonl', replace: false };
    await store.outcomes.write(records(), origin);
  };
  const [i, j] = [line({}), line({ item: 'j' })];
  await expect(importFile([j, '', i, '', '', i])).rejects.toThrow('in rows 3 and 6');
  await expect(importFile([i, '', line({ item: 'j', step: 2 })])).rejects.toThrow(
    '`step` 1 in row 1 and 2 in row 3',
  );
  await importFile([i]);
  await expect(importFile([j, '', line({ k: 4 })])).rejects.toThrow(
    'instead of 4 (row 3 from `x.jsonl`)',
  );
  await rm(dir, { recursive: true });
});
