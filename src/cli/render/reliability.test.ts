import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { hostileText } from '../../report/testing/hostile-text.ts';
import { sampleReliability } from '../../report/testing/sample-reliability.ts';
import { renderReliability } from './reliability.ts';

const golden = (name: string): string =>
  new URL(`../../../test/golden/plots/${name}`, import.meta.url).pathname;

const page = { width: 80, height: 24, color: false } as const;

it('draws bins with their intervals beside the diagonal', async () => {
  const plot = renderReliability(sampleReliability, page);
  await expect(`${plot}\n`).toMatchFileSnapshot(golden('reliability.txt'));
});

it('shows the same with colours, and no escape sequence without', () => {
  const colour = renderReliability(sampleReliability, { ...page, color: true });
  const plain = renderReliability(sampleReliability, page);
  expect(plain).not.toContain('\u001b');
  expect(colour).toContain('\u001b[1;36m●');
  const shown = stripVTControlCharacters(colour).split('\n');
  expect(shown.map((line) => line.trimEnd()).join('\n')).toBe(plain);
});

it.each([
  [0, 0, 14],
  [40, 14, 14],
  [200, 50, 50],
])(
  'fits %i × %i with shares outside 0 to 1 and a name as no log should have it',
  (width, height, lines) => {
    const bins = [{ predicted: 1, measured: 1, low: -0.2, high: 1.3, count: 1 }];
    const figure = { title: hostileText, bins, slope: null, intercept: null, ece: null };
    const plot = renderReliability(figure, { width, height, color: false }).split('\n');
    expect(plot).toHaveLength(lines);
    expect(plot.filter((line) => line.length > Math.max(40, width))).toEqual([]);
    expect(plot[1]).toMatch(/^slope –, intercept –, ECE –, 1 questio/);
    expect(plot.join('\n')).not.toMatch(/NaN|Infinity|undefined|null|\u001b/);
  },
);
