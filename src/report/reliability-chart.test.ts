import { expect, it } from 'vitest';
import { reliabilitySvg } from './index.ts';
import { hostileText } from './testing/hostile-text.ts';
import { readSvg } from './testing/read-svg.ts';
import { sampleReliability } from './testing/sample-reliability.ts';

const golden = (name: string): string =>
  new URL(`../../test/golden/plots/${name}`, import.meta.url).pathname;

it('draws bins with their intervals beside the diagonal', async () => {
  const svg = await reliabilitySvg(sampleReliability);
  await expect(svg).toMatchFileSnapshot(golden('reliability.svg'));
  expect(readSvg(svg).texts).toEqual(
    expect.arrayContaining([
      'slope 0.83, intercept −0.07, ECE 4.8 points, 560 questions',
      '120 questions: predicted 4.0, measured 9.0 [5.0, 14.0]',
      'as predicted',
    ]),
  );
});

it('draws one without bins and numbers, under a name as no log should have it', async () => {
  const svg = await reliabilitySvg({
    ...{ title: hostileText, bins: [], slope: null, intercept: null, ece: null },
  });
  expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
  expect(readSvg(svg).texts).toContain('slope –, intercept –, ECE –, 0 questions');
});
