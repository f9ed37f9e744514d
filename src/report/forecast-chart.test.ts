import { expect, it } from 'vitest';
import { forecastSvg, mapSvg } from './index.ts';
import { edgePanels } from './testing/edge-panels.ts';
import { hostileText } from './testing/hostile-text.ts';
import { readSvg } from './testing/read-svg.ts';
import { greyPanel, refusedPanel, samplePanel } from './testing/sample-panel.ts';

const golden = (name: string): string =>
  new URL(`../../test/golden/plots/${name}`, import.meta.url).pathname;

it('draws predictable, refused and withheld forecasts', async () => {
  const svg = await forecastSvg({
    title: 'Forecasts at 1.2e22 FLOPs',
    panels: [
      samplePanel(),
      refusedPanel({ task: 'mmlu_pro', chance: 0.25 }),
      greyPanel({ task: 'ifeval', top: 0.4, upTo: 6e21 }),
      samplePanel({ task: 'a_benchmark_whose_name_is_longer_than_its_panel_is_wide', top: 0.5 }),
    ],
  });
  await expect(svg).toMatchFileSnapshot(golden('forecast.svg'));
  expect(readSvg(svg).texts).toEqual(
    expect.arrayContaining([
      'core/arith_addition',
      '68 [60, 76], measured 73 (power law)',
      'runs/olmo/step1000: 16.8 ± 3.0 at 1.10e20 FLOPs',
      'core/mmlu_pro',
      'not predictable',
      'grey: not predictable',
      'law in the ladder, forecast beyond it',
    ]),
  );
});

it('says so where there is no benchmark', async () => {
  const svg = await forecastSvg({ title: 'Nothing yet', panels: [] });
  await expect(svg).toMatchFileSnapshot(golden('forecast-empty.svg'));
});

it('gives the same bytes whatever was drawn before', async () => {
  const chart = { title: 'Twice', panels: [samplePanel(), refusedPanel()] };
  const first = await forecastSvg(chart);
  await mapSvg({ title: 'Between', points: [], curve: [] });
  expect(await forecastSvg(chart)).toBe(first);
});

it('escapes names and replaces what XML or a line of text has no place for', async () => {
  const panel = samplePanel({ task: hostileText });
  const svg = await forecastSvg({
    title: hostileText,
    panels: [
      {
        ...panel,
        suite: '2024-01-01',
        ladder: panel.ladder.map((rung) => ({ ...rung, checkpoint: hostileText })),
        forecast: { ...panel.forecast, method: hostileText },
      },
    ],
  });
  const { names, texts } = readSvg(svg);
  const shown =
    '<script>"\'&lt; ]]> -->\u{FFFD}[31m\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}</script>';
  expect(names).toEqual(['circle', 'g', 'line', 'path', 'rect', 'svg', 'text', 'title']);
  expect(texts).toEqual(
    expect.arrayContaining([
      shown,
      `2024-01-01/${shown}`,
      `68 [60, 76], measured 73 (${shown})`,
      `${shown}: 16.8 ± 3.0 at 1.10e20 FLOPs`,
    ]),
  );
});

it.each(edgePanels)('draws %s', async (_, panel) => {
  const svg = await forecastSvg({ title: 'Edge', panels: [panel] });
  expect(readSvg(svg).boxes).toHaveLength(2);
  expect(svg).not.toMatch(/NaN|Infinity|undefined|null|⚠/);
});

it('lays 131 panels out without overlap, inside the picture', async () => {
  const panels = Array.from({ length: 131 }, (_, index) => samplePanel({ task: `task ${index}` }));
  const [page, ...boxes] = readSvg(await forecastSvg({ title: 'Many', panels })).boxes;
  expect(boxes).toHaveLength(131);
  const [, , width, height] = page!;
  const overlaps = boxes.flatMap(([x, y, w, h], index) =>
    boxes
      .slice(index + 1)
      .filter(([left, top]) => left < x + w && x < left + w && top < y + h && y < top + h),
  );
  expect(overlaps).toEqual([]);
  expect(boxes.filter(([x, y, w, h]) => x < 0 || y < 0 || x + w > width || y + h > height)).toEqual(
    [],
  );
});
