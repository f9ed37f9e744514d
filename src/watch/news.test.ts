import { expect, test } from 'vitest';
import { createNews } from './news.ts';

test('what lasts is said once, and again after a look without it', () => {
  const said: string[] = [];
  const news = createNews((text) => void said.push(text));
  for (const texts of [['a', 'a', 'b'], ['a'], ['b'], []]) {
    news.startLook();
    for (const text of texts) news.say(text);
  }
  expect(said).toEqual(['a', 'b', 'b']);
});
