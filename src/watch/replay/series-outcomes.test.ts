import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundledSeries } from '../../jobs/index.ts';
import { splitOutcomes } from './series-outcomes.ts';

test('the bundled outcomes are split by checkpoint, in the order of training, none lost', async () => {
  const parts = await splitOutcomes(join(bundledSeries.dir, 'outcomes.csv'));
  expect(parts.map(({ step }) => step)).toEqual([
    26, 52, 104, 182, 286, 417, 573, 781, 1042, 1432, 1953, 2604,
  ]);
  expect(parts.map(({ csv }) => csv.trimEnd().split('\n').length)).toEqual(parts.map(() => 2101));
  expect(parts[0]).toMatchObject({ checkpoint: 'd128L4/stage1-step26-tokens240K' });
  expect(parts.every(({ flops }) => flops > 0)).toBe(true);
});

test('a file without the columns is named', async () => {
  const path = join(bundledSeries.dir, 'suite', 'suite.yaml');
  await expect(splitOutcomes(path)).rejects.toThrow(
    `replay: expected a column \`checkpoint\` in ${path}, got `,
  );
});
