import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from './parse-json.ts';

describe('parseJson', () => {
  it('reads the constants of Python as what is asked for, and leaves texts alone', () => {
    const text =
      '{"a": NaN, "b": [-Infinity, Infinity], "NaN \\\\\\" Infinity": "NaN\\\\", "c": NaN}';
    expect(parseJson(text, 'x')).toEqual({
      a: null,
      b: [null, null],
      'NaN \\" Infinity': 'NaN\\',
      c: null,
    });
    const constants = { NaN: '"none"', Infinity: '1e999', '-Infinity': '-1e999' };
    expect(parseJson(text, 'x', constants)).toEqual({
      a: 'none',
      b: [-Infinity, Infinity],
      'NaN \\" Infinity': 'NaN\\',
      c: 'none',
    });
  });

  it('keeps every text beside a constant', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constant('\\'), fc.constant('"NaN'))),
        (texts) => {
          const json = `[NaN, ${[...texts.map((text) => JSON.stringify(text)), 'Infinity'].join(', ')}]`;
          expect(parseJson(json, 'x')).toEqual([null, ...texts, null]);
        },
      ),
    );
  });

  it('reads a long text beside a constant', () => {
    const text = 'x'.repeat(4e7);
    expect(parseJson(`{"a": "${text}", "b": NaN}`, 'x')).toMatchObject({ b: null });
  });

  it('refuses what is no JSON, constants or not', () => {
    expect(() => parseJson('{"a": nan}', '`x.json`, `a`')).toThrow(
      '`x.json`, `a`: expected JSON: ',
    );
    expect(() => parseJson('[NaN', '`x.json`')).toThrow('`x.json`: expected JSON: ');
  });
});
