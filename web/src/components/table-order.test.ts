import { expect, it } from 'vitest';
import { compareCells, readOrder, type SortValue, writeOrder } from './table-order.ts';

const inOrder = (cells: SortValue[], descending: boolean): SortValue[] =>
  cells.sort((a, b) => compareCells(a, b, descending));

it('puts what is not there last, in both directions', () => {
  expect(inOrder([2, null, 10, 1], false)).toEqual([1, 2, 10, null]);
  expect(inOrder([2, null, 10, 1], true)).toEqual([10, 2, 1, null]);
});

it('orders names by the numbers in them', () => {
  expect(inOrder(['step10', 'step9'], false)).toEqual(['step9', 'step10']);
});

it('comes back from the address as it was', () => {
  expect([readOrder('-p'), readOrder('p'), readOrder(''), readOrder(undefined)]).toEqual([
    { key: 'p', descending: true },
    { key: 'p', descending: false },
    null,
    null,
  ]);
  expect(writeOrder({ key: 'p', descending: true })).toBe('-p');
});
