import { describe, expect, it } from 'vitest';
import { comparePath, heldPairs } from './held-pairs.ts';

describe('heldPairs', () => {
  it('finds the pairs that a report compares, as they are asked for', () => {
    const pairs = [
      { a: 'x/step 1&2', b: 'x/step3' },
      { a: 'y@a', b: 'y@b' },
    ];
    expect(heldPairs(['/overview', '/runs/x', ...pairs.map(comparePath)])).toEqual(pairs);
  });

  it('knows no bound where a store answers', () => {
    expect(heldPairs(null)).toBe(null);
  });
});
