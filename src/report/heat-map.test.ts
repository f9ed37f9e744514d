import { expect, it } from 'vitest';
import { heatMapSvg } from './index.ts';
import { hostileText } from './testing/hostile-text.ts';
import { readSvg } from './testing/read-svg.ts';
import { divergingHeatMap, sampleHeatMap } from './testing/sample-heat-map.ts';

const golden = (name: string): string =>
  new URL(`../../test/golden/plots/${name}`, import.meta.url).pathname;

it('draws a matrix and one panel a task, names shortened and what is missing left open', async () => {
  const svg = await heatMapSvg(sampleHeatMap());
  await expect(svg).toMatchFileSnapshot(golden('heat-map.svg'));
  const { texts, boxes } = readSvg(svg);
  expect(boxes).toHaveLength(4);
  expect(texts).toEqual(
    expect.arrayContaining([
      'AUROC on unseen questions · all names begin with d128L4/stage1-',
      'step104-tokens104K',
      'd128L4/stage1-step104-tokens104K',
      'd128L4/stage1-step104-tokens104K → d128L4/stage1-step2604-tokens2604K: 0.50',
      'reverse',
      '·',
      '· no value',
    ]),
  );
});

it('shades differences on both sides of the middle, and what is beyond the ends as the ends', async () => {
  const svg = await heatMapSvg(divergingHeatMap());
  await expect(svg).toMatchFileSnapshot(golden('heat-map-diverging.svg'));
  expect(readSvg(svg).texts).toEqual(
    expect.arrayContaining(['-12.3', '0.0', '40.0', 'a_benchmark_whose_name_is…']),
  );
  expect(svg).not.toContain('-0.0<');
});

it('escapes names and replaces what XML or a line of text has no place for', async () => {
  const names = [hostileText, `${hostileText}2`];
  const values = [
    [0, 1],
    [1, 0],
  ];
  const svg = await heatMapSvg({
    ...{ title: hostileText, subtitle: hostileText, rowsLabel: hostileText },
    ...{ columnsLabel: hostileText, rows: names, columns: names, values },
    ...{ digits: 0, domain: [0, 1], diverging: false },
    panels: [{ title: hostileText, values }],
  });
  expect(readSvg(svg).names).toEqual(['g', 'rect', 'svg', 'text', 'title']);
});

it('draws maps without rows, of one value and without a width of the domain', async () => {
  for (const parts of [
    { rows: [], values: [] },
    { rows: ['a'], columns: [], values: [[]] },
    { rows: ['a'], columns: ['b'], values: [[0.5]], domain: [0.5, 0.5] as const },
  ]) {
    const svg = await heatMapSvg({ ...divergingHeatMap(), ...parts });
    expect(readSvg(svg).boxes).toHaveLength(2);
    expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
  }
});

it('lays panels out without overlap, inside the picture', async () => {
  const { values } = sampleHeatMap();
  const panels = Array.from({ length: 30 }, (_, index) => ({ title: `task ${index}`, values }));
  const [page, ...boxes] = readSvg(await heatMapSvg(sampleHeatMap({ panels }))).boxes;
  expect(boxes).toHaveLength(31);
  const [, , width, height] = page!;
  expect(boxes.filter(([x, y, w, h]) => x < 0 || y < 0 || x + w > width || y + h > height)).toEqual(
    [],
  );
  const overlaps = boxes.flatMap(([x, y, w, h], index) =>
    boxes
      .slice(index + 1)
      .filter(([left, top]) => left < x + w && x < left + w && top < y + h && y < top + h),
  );
  expect(overlaps).toEqual([]);
});

it('refuses values that are no matrix of its rows and columns, or no numbers', async () => {
  await expect(heatMapSvg({ ...divergingHeatMap(), values: [[1, 2, 3]] })).rejects.toThrow(
    'heat map `Difference to the baseline`: expected 2 rows of 3 values, got 1 of 3',
  );
  const panels = [
    {
      title: 'add',
      values: [
        [1, 2, Number.NaN],
        [1, 2, 3],
      ],
    },
  ];
  await expect(heatMapSvg({ ...divergingHeatMap(), panels })).rejects.toThrow(
    'heat map `add`: expected finite values, got NaN',
  );
  await expect(heatMapSvg({ ...divergingHeatMap(), domain: [0, Infinity] })).rejects.toThrow(
    'heat map `Difference to the baseline`: expected a finite domain, got 0 to Infinity',
  );
});
