import { expect, test } from 'vitest';
import type { StoreContents } from '../store/index.ts';
import { freshContents } from './fresh-contents.ts';

test('many who ask during a reading share the next one; nobody gets an older picture', async () => {
  const endings: ((contents: StoreContents) => void)[] = [];
  const read = freshContents({
    contents: () => new Promise((resolve) => endings.push(resolve)),
  });
  const picture = (size: number): StoreContents =>
    ({ outcomes: { size } }) as unknown as StoreContents;
  const first = read();
  const later = [read(), read(), read()];
  expect(endings).toHaveLength(1);
  endings[0]?.(picture(1));
  expect(await first).toEqual(picture(1));
  await new Promise(setImmediate);
  expect(endings).toHaveLength(2);
  endings[1]?.(picture(2));
  expect(await Promise.all(later)).toEqual([picture(2), picture(2), picture(2)]);
});
