import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runJson, runSonde } from '../helpers/run-sonde.ts';

const names = ['26-tokens240K', '52-tokens479K', '104-tokens958K'];
const checkpoints = names.map((name) => `d128L4/stage1-step${name}`);

it('several small checkpoints are run by processes of their own, and the fit finds their states', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-at-once-'));
  try {
    const store = ['--store', join(folder, '.sonde')];
    await runJson([...store, 'import', 'outcomes.csv']);
    const questions = ['--suite', 'suite', '--tasks', 'max,count'];
    const { code, stderr } = await runSonde([
      ...[...store, 'fit', ...questions, '--probe', 'linear', '--threads', '4'],
      ...['--checkpoints', checkpoints.join(',')],
    ]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('note: states of 3 checkpoints: 2 at a time, 2 threads each\n');
    expect(stderr).not.toContain('note: d128L4/');
    for (const checkpoint of checkpoints) {
      expect(await runJson([...store, 'extract', checkpoint, ...questions])).toMatchObject({
        tokens: 0,
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
