export { colorScale, type Rgb } from './color-scale.ts';
export { type CellPlace, HeatMap } from './heat-map.tsx';
export type { HeatMapCells } from './heat-map-drawing.ts';
export { Legend } from './legend.tsx';
export { type LegendEntry, paleOpacity } from './legend-marks.ts';
export { type Palette, usePalette } from './palette.ts';
export { PlotFigure, type ReadablePoint } from './plot-figure.tsx';
export { Ramp } from './ramp.tsx';
export type { ChartTable } from './table.ts';
