import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeSystemFailure } from './system-failure.ts';

function failureOf(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return null;
}

describe('describeSystemFailure', () => {
  it('says what to do, and where', () => {
    const error = failureOf(() => writeFileSync('/dev/null/below', ''));
    expect(describeSystemFailure(error)).toBe(
      'a part of the path is a file, not a folder (/dev/null/below)',
    );
  });

  it('looks through causes, and into the words of DuckDB', () => {
    const cause = new Error('IO Error: Could not write "x.parquet": No space left on device');
    expect(describeSystemFailure(new Error('store', { cause }))).toBe(
      `${cause.message}; the disk is full: make room, or name another place with --store`,
    );
  });

  it('leaves bugs alone', () => {
    expect(describeSystemFailure(new TypeError('x is not a function'))).toBeNull();
    expect(describeSystemFailure(failureOf(() => void JSON.parse('{')))).toBeNull();
  });
});
