import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UserError } from '../error/index.ts';
import { openStore } from '../store/index.ts';
import { fit } from './fit.ts';
import { anyOutcomes } from './outcome-choice.ts';
import { jobContext } from './progress.ts';

test('what a probe does not look at anyway cannot be switched off', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'fit-'));
  try {
    await using store = await openStore(join(dir, '.sonde'));
    const request = {
      ...{ suite: 's', tasks: null, render: 'auto' as const, checkpoints: ['c'] },
      ...anyOutcomes,
    };
    const options = {
      probe: 'auto',
      name: null,
      holdout: 0.4,
      seed: 0,
      without: ['states', 'logits'],
    };
    await expect(fit(store, request, options, jobContext())).rejects.toThrow(
      new UserError(
        '--without: expected some of states, output, likelihood, answer, length, text, history, got `logits`',
      ),
    );
  } finally {
    await rm(dir, { recursive: true });
  }
});
