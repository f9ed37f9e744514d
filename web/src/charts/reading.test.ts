import { expect, it } from 'vitest';
import { type PlacedPoint, type Step, stepFrom } from './reading.ts';

const point = (series: string, left: number): PlacedPoint => ({
  id: `${series}${left}`,
  series,
  text: '',
  left,
  top: 0,
  width: 100,
});
const points = [point('a', 30), point('a', 10), point('b', 12), point('b', 40)];

it('goes through a series from left to right and stays at its ends', () => {
  const way: Step[] = ['next', 'previous', 'previous', 'next', 'first', 'last'];
  let at: PlacedPoint | null = null;
  const passed = way.map((step) => (at = stepFrom(points, at, step))?.id);
  expect(passed).toEqual(['a30', 'a10', 'a10', 'a30', 'a10', 'a30']);
});

it('changes to the nearest point of the other series', () => {
  expect(stepFrom(points, point('a', 10), 'below')?.id).toBe('b12');
  expect(stepFrom(points, point('b', 40), 'above')?.id).toBe('a30');
});

it('finds nothing where there is nothing', () => {
  expect(stepFrom([], null, 'next')).toBe(null);
});
