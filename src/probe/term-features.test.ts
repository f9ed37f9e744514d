import { expect, test } from 'vitest';
import { fitTerms, termFeatures } from './term-features.ts';

const texts = ['Add 12', 'add 13', 'ADD 14', 'copy'];

test('keeps terms of three texts or more, with scikit-learn’s smoothed idf', () => {
  const { terms, idf } = fitTerms(texts, 10);
  expect(terms).toEqual(['add', '~ 1', '~ad', '~d ', '~dd']);
  for (const value of idf) expect(value).toBeCloseTo(Math.log(5 / 4) + 1, 12);
});

test('rows have length 1, or none of the terms', () => {
  const features = termFeatures(['add 15', 'nothing'], fitTerms(texts, 10));
  const share = 1 / Math.sqrt(5);
  [...features].forEach((value, i) => expect(value).toBeCloseTo(i < 5 ? share : 0, 6));
});

test('the terms of the most texts stay where there are too many', () => {
  expect(fitTerms(['a b', 'a b', 'a b', 'a'], 1).terms).toEqual(['a']);
});
