export { type BarFigure, barSvg } from './bar-chart.ts';
export { type ClusterFigure, clusterSvg } from './cluster-chart.ts';
export { type ForecastChart, forecastSvg } from './forecast-chart.ts';
export {
  describeFlops,
  describeForecast,
  type ForecastPanel,
  forecastFlops,
  isRefusedPoint,
  panelName,
  points,
} from './forecast-panel.ts';
export { type HeatMap, heatMapSvg, heatPanels, type HeatValues } from './heat-map.ts';
export { type HeatScale, heatShare, heatText } from './heat-scale.ts';
export { hasLogarithm, type LogAxis, logAxis, tickLabel } from './log-axis.ts';
export { type MapFigure, mapSvg } from './map-chart.ts';
export { printable, shorten } from './printable.ts';
export {
  describeReliability,
  type ReliabilityBin,
  type ReliabilityFigure,
  reliabilitySvg,
} from './reliability-chart.ts';
export { describePrefixes, type ShortNames, shortNames } from './short-names.ts';
export { type MetricEstimate, type MetricSnapshot, prometheusText } from './prometheus.ts';
