import { bandOpacity, drawForecastPanel } from './draw-forecast-panel.ts';
import { frameTop, startDrawing, writeSvg } from './drawing.ts';
import { type ForecastPanel, isRefusedPoint } from './forecast-panel.ts';
import { dotSymbol, drawLegend, type LegendEntry, lineSymbol } from './legend.ts';
import { palette } from './palette.ts';

export type ForecastChart = { readonly title: string; readonly panels: readonly ForecastPanel[] };

const width = 960;
const edge = 16;
const mostColumns = 3;
const gap = 12;

/** Small multiples as one standalone SVG file, a panel a benchmark: accuracy over training FLOPs, what the forecast rests
 *  on, and the forecast. The same chart gives the same bytes. */
export async function forecastSvg(chart: ForecastChart): Promise<string> {
  const drawing = await startDrawing();
  const columns = Math.max(1, Math.min(mostColumns, chart.panels.length));
  const panelWidth = Math.floor((width - 2 * edge - gap * (columns - 1)) / columns);
  const panelHeight = Math.round(140 + panelWidth * 0.3);
  const legend = drawLegend(drawing, legendOf(chart.panels), {
    top: frameTop,
    left: edge,
    width: width - 2 * edge,
  });
  const top = frameTop + legend.height + gap;
  const panels = chart.panels.map((panel, index) =>
    drawForecastPanel(drawing, panel, {
      x: edge + (index % columns) * (panelWidth + gap),
      y: top + Math.floor(index / columns) * (panelHeight + gap),
      width: panelWidth,
      height: panelHeight,
    }),
  );
  const rows = Math.ceil(chart.panels.length / columns);
  const frame = {
    width,
    height: top + rows * (panelHeight + gap),
    title: chart.title,
    subtitle: 'accuracy (%) over training compute (FLOPs, logarithmic)',
  };
  return writeSvg(drawing, frame, [legend.element, ...panels]);
}

/** Entries only for what some panel shows. */
function legendOf(panels: readonly ForecastPanel[]): readonly LegendEntry[] {
  if (panels.length === 0) return [{ symbol: () => [], label: 'no benchmark to show' }];
  const shown = (is: (panel: ForecastPanel) => boolean, entry: LegendEntry): LegendEntry[] =>
    panels.some(is) ? [entry] : [];
  const hasBand = (panel: ForecastPanel): boolean =>
    panel.curve.some((point) => point.intervals !== null);
  return [
    ...shown((panel) => panel.ladder.length > 0, {
      symbol: dotWithErrorBar,
      label: 'checkpoint ± standard error',
    }),
    ...shown((panel) => panel.curve.some((point) => point.accuracy !== null), {
      symbol: lineSymbol(palette.curve),
      label: 'law in the ladder, forecast beyond it',
    }),
    ...shown(hasBand, { symbol: bandSymbol(['0.95', '0.8']), label: '80 % band' }),
    ...shown(hasBand, { symbol: bandSymbol(['0.95']), label: '95 % band' }),
    ...shown((panel) => panel.forecast.accuracy !== null, {
      symbol: forecastSymbol,
      label: 'forecast with interval',
    }),
    ...shown((panel) => panel.measured !== null, { symbol: crossSymbol, label: 'measured' }),
    { symbol: lineSymbol(palette.quiet, { d: 'M12,-1V13', 'stroke-width': 1 }), label: 'target' },
    {
      symbol: lineSymbol(palette.quiet, { 'stroke-dasharray': '5 4', 'stroke-width': 1 }),
      label: 'chance',
    },
    ...shown(hasRefusal, {
      symbol: dotSymbol(palette.refused),
      label: 'grey: not predictable',
    }),
  ];
}

function hasRefusal({ forecast, curve }: ForecastPanel): boolean {
  return forecast.verdict === 'not-predictable' || curve.some(isRefusedPoint);
}

const dotWithErrorBar: LegendEntry['symbol'] = (drawing) => [
  ...lineSymbol(palette.ink, { d: 'M12,-1V13', 'stroke-width': 1 })(drawing),
  ...dotSymbol(palette.ink)(drawing),
];

const forecastSymbol: LegendEntry['symbol'] = (drawing) => [
  ...lineSymbol(palette.curve, { d: 'M12,-1V13M8,-1H16M8,13H16' })(drawing),
  drawing.element('path', { d: 'M12,1L16,6L12,11L8,6Z', fill: palette.curve }),
];

const crossSymbol = lineSymbol(palette.measured, { d: 'M8,2L16,10M16,2L8,10' });

function bandSymbol(levels: readonly (keyof typeof bandOpacity)[]): LegendEntry['symbol'] {
  return ({ element }) =>
    levels.map((level) =>
      element('rect', {
        width: 24,
        height: 12,
        fill: palette.curve,
        'fill-opacity': bandOpacity[level],
      }),
    );
}
