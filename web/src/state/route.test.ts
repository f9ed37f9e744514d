import { describe, expect, it } from 'vitest';
import { parseRoute, routeTo } from './route.ts';

describe('addresses', () => {
  it('hold a page, what it is about and its values', () => {
    const address = routeTo('run', 'a/b c#?%', { x: 'tokens', tasks: 'add,sub', none: null });
    expect(address).toBe('#/run/a%2Fb%20c%23%3F%25?x=tokens&tasks=add%2Csub');
    expect(parseRoute(address)).toEqual({
      page: 'run',
      id: 'a/b c#?%',
      params: { x: 'tokens', tasks: 'add,sub' },
    });
  });

  it('begin at the overview', () => {
    const overview = { page: 'overview', id: null, params: {} };
    expect(['', '#', '#/', '#/overview'].map(parseRoute)).toEqual(Array(4).fill(overview));
  });

  it('take an id as it stands where it was typed or cut badly', () => {
    expect(parseRoute('#/run/a/b%')).toEqual({ page: 'run', id: 'a/b%', params: {} });
  });

  it('that name no page are none', () => {
    expect(parseRoute('#/nowhere')).toBe(null);
  });
});
