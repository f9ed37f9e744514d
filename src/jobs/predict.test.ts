import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UserError } from '../error/index.ts';
import { openStore } from '../store/index.ts';
import { anyOutcomes } from './outcome-choice.ts';
import { predict } from './predict.ts';
import { jobContext } from './progress.ts';

test('a refit without labels is refused before anything is read', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'predict-'));
  try {
    await using store = await openStore(join(dir, '.sonde'));
    const request = {
      ...{ checkpoints: ['c'], probe: 'p', tasks: null, ...anyOutcomes },
      ...{ useLabels: false, refit: 'prior' as const, itemsOut: null },
    };
    await expect(predict(store, request, jobContext())).rejects.toThrow(
      new UserError('--refit: expected --use-labels beside prior, got none; add it'),
    );
  } finally {
    await rm(dir, { recursive: true });
  }
});
