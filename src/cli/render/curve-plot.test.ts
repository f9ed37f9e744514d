import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { edgePanels } from '../../report/testing/edge-panels.ts';
import { hostileText } from '../../report/testing/hostile-text.ts';
import { greyPanel, refusedPanel, samplePanel } from '../../report/testing/sample-panel.ts';
import { renderForecastPlot } from './curve-plot.ts';

const golden = (name: string): string =>
  new URL(`../../../test/golden/plots/${name}`, import.meta.url).pathname;

const page = { width: 80, height: 24, color: false } as const;

it('draws a forecast, a refused one and one that is an answer part of the way on a page of 80 columns', async () => {
  const panels = [samplePanel(), refusedPanel(), greyPanel({ upTo: 6e21 })];
  const plots = panels.map((panel) => renderForecastPlot(panel, page));
  await expect(`${plots.join('\n\n')}\n`).toMatchFileSnapshot(golden('forecast.txt'));
});

it('shows the same with colours, and no escape sequence without', () => {
  const colour = renderForecastPlot(samplePanel(), { ...page, color: true });
  const plain = renderForecastPlot(samplePanel(), page);
  expect(plain).not.toContain('\u001b');
  expect(colour).toContain('\u001b[1;36m◆');
  const shown = stripVTControlCharacters(colour).split('\n');
  expect(shown.map((line) => line.trimEnd()).join('\n')).toBe(plain);
});

it('cuts the name and not the verdict, and keeps control characters of names away from the terminal', () => {
  const panel = samplePanel({ task: `${hostileText}${'x'.repeat(100)}` });
  const forecast = { ...panel.forecast, method: 'power\u001b[2J law' };
  const [header] = renderForecastPlot({ ...panel, forecast }, page).split('\n');
  expect(header).toBe(
    'core/<script>"\'&lt; …: 68 [60, 76] (power\u{FFFD}[2J law) at 1.20e22 FLOPs, measured 73',
  );
});

it.each(edgePanels)('fits its page with %s', (_, panel) => {
  for (const size of [
    page,
    { width: 40, height: 12, color: false },
    { width: 0, height: 0, color: false },
  ]) {
    const lines = renderForecastPlot(panel, size).split('\n');
    expect(lines).toHaveLength(Math.max(12, size.height));
    expect(lines.filter((line) => line.length > Math.max(40, size.width))).toEqual([]);
    expect(lines.join('\n')).not.toMatch(/NaN|Infinity|undefined|null/);
  }
});
