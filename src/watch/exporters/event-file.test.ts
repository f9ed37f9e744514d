import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { encodeEvents, type ScalarEvent } from './event-file.ts';

test('an event file is byte for byte what TensorBoard’s own writer makes of the same scalars', () => {
  const path = new URL('../../../test/golden/tensorboard.json', import.meta.url);
  const golden = JSON.parse(readFileSync(path, 'utf8')) as { events: ScalarEvent[]; file: string };
  expect(Buffer.from(encodeEvents(golden.events)).toString('hex')).toBe(golden.file);
});
