/** A timeline as marks, from the ground up: stages, guessing, other runs, the probe's band, forecasts, what was measured. */
import * as Plot from '@observablehq/plot';
import { type LegendEntry, paleOpacity, type Palette } from '../../charts/index.ts';
import type { Axis } from './axis.ts';
import { dashOf, guessingDash } from './baseline-dashes.ts';
import { stageNames } from './stage-names.ts';
import type { ProbedDot, TimelineModel } from './timeline-model.ts';

export type TimelineFrame = {
  readonly axis: Axis;
  readonly logarithmic: boolean;
  /** Whether the accuracy axis fits what is drawn; else it goes from 0 to 100. */
  readonly fitted: boolean;
  /** A small multiple. */
  readonly small: boolean;
};

/** How an axis is to be read on which a stage that counts anew stands behind the one before. */
export const stagesLaid = 'stages one after another';

/** Plot may draw twice as many ticks as it is asked for. */
const pixelsForTick = 110;

export function timelineOptions(
  model: TimelineModel,
  frame: TimelineFrame,
  { palette, width }: { readonly palette: Palette; readonly width: number },
): Plot.PlotOptions {
  const { axis, logarithmic, fitted, small } = frame;
  return {
    x: {
      type: logarithmic ? 'log' : 'linear',
      label: small ? null : labelOf(axis, model),
      tickFormat: axis.format,
      ticks: small ? 3 : Math.min(7, Math.floor(width / pixelsForTick)),
      grid: false,
      nice: false,
    },
    y: {
      ...(fitted ? {} : { domain: [0, 100] }),
      label: small ? null : 'points',
      ticks: small ? 3 : 6,
      grid: true,
    },
    marginTop: small ? 8 : 22,
    marginBottom: small ? 24 : 34,
    marginRight: 14,
    marks: [
      ...groundMarks(model, palette, small),
      ...referenceMarks(model, palette),
      ...fittedMarks(model, palette, small),
      ...probedMarks(model, palette, small),
      ...forecastMarks(model, palette),
      ...measuredMarks(model, palette, small),
    ],
  };
}

function labelOf({ label }: Axis, { laid }: TimelineModel): string {
  return laid ? `${label}, ${stagesLaid}` : label;
}

function groundMarks(
  { stages, chance }: TimelineModel,
  palette: Palette,
  small: boolean,
): Plot.Markish[] {
  return [
    Plot.ruleX(stages, { x: 'x', stroke: palette.quiet, strokeDasharray: '2 3' }),
    ...(small ? [] : [stageNames(stages, palette)]),
    ...(chance === null
      ? []
      : [Plot.ruleY([chance], { stroke: palette.baseline, strokeDasharray: guessingDash })]),
  ];
}

function referenceMarks({ references }: TimelineModel, palette: Palette): Plot.Markish[] {
  const runs = [...new Set(references.map(({ run }) => run))];
  return runs.map((run, index) =>
    Plot.line(
      references.filter((dot) => dot.run === run),
      { x: 'x', y: 'y', z: 'stage', stroke: referenceHue(palette, index), strokeWidth: 1.2 },
    ),
  );
}

function probedMarks(
  { probed, baselines }: TimelineModel,
  palette: Palette,
  small: boolean,
): Plot.Markish[] {
  return [
    Plot.areaY(probed, {
      x: 'x',
      y1: 'low',
      y2: 'high',
      z: seriesOf,
      fill: palette.probed,
      fillOpacity: 0.16,
    }),
    // A band of one point has no area.
    Plot.ruleX(alone(probed), {
      x: 'x',
      y1: 'low',
      y2: 'high',
      stroke: palette.probed,
      strokeOpacity: 0.45,
    }),
    ...namesOf(baselines).map((name) =>
      Plot.line(
        baselines.filter((dot) => dot.name === name),
        { x: 'x', y: 'y', z: seriesOf, stroke: palette.baseline, strokeDasharray: dashOf(name) },
      ),
    ),
    Plot.line(probed, { x: 'x', y: 'y', z: seriesOf, stroke: palette.probed, strokeWidth: 1.8 }),
    Plot.dot(probed, {
      x: 'x',
      y: 'y',
      r: radius(probed.length, small),
      fill: ({ of }: { of: { status: string } }) =>
        of.status === 'ok' ? palette.probed : palette.ground,
      stroke: palette.probed,
      strokeWidth: 1.3,
    }),
  ];
}

/** Hollow and pale: these are no predictions. */
function fittedMarks({ fitted }: TimelineModel, palette: Palette, small: boolean): Plot.Markish[] {
  return [
    Plot.dot(fitted, {
      x: 'x',
      y: 'y',
      r: radius(fitted.length, small),
      fill: palette.ground,
      stroke: palette.probed,
      strokeOpacity: paleOpacity,
    }),
  ];
}

function namesOf(baselines: TimelineModel['baselines']): string[] {
  return [...new Set(baselines.map(({ name }) => name))];
}

/** What one fitted probe said of a stage. */
function seriesOf({ probeId, stage }: Pick<ProbedDot, 'probeId' | 'stage'>): string {
  return `${probeId}\n${stage}`;
}

/** Dots of probes that spoke once of a stage. */
function alone(probed: TimelineModel['probed']): TimelineModel['probed'] {
  const counts = new Map<string, number>();
  for (const dot of probed) counts.set(seriesOf(dot), (counts.get(seriesOf(dot)) ?? 0) + 1);
  return probed.filter((dot) => counts.get(seriesOf(dot)) === 1);
}

function forecastMarks({ forecasts, measured }: TimelineModel, palette: Palette): Plot.Markish[] {
  const color = ({ of }: { of: { verdict: string | null } }): string =>
    of.verdict === 'predictable' ? palette.forecast : palette.refused;
  const ahead = forecasts.flatMap((dot) => {
    if (dot.of.measured !== null) return [];
    const start = measured.filter(({ x }) => x <= (dot.from ?? dot.x)).at(-1) ?? measured.at(-1);
    return start === undefined ? [] : [{ ...dot, fromX: start.x, fromY: start.y }];
  });
  return [
    Plot.link(ahead, {
      x1: 'fromX',
      y1: 'fromY',
      x2: 'x',
      y2: 'y',
      stroke: color,
      strokeDasharray: '3 4',
    }),
    Plot.ruleX(
      forecasts.filter(({ low }) => low !== null),
      { x: 'x', y1: 'low', y2: 'high', stroke: color, strokeWidth: 2 },
    ),
    Plot.dot(forecasts, {
      x: 'x',
      y: 'y',
      symbol: 'diamond',
      r: 4.2,
      fill: (dot: { of: { measured: number | null; verdict: string | null } }) =>
        dot.of.measured === null ? palette.ground : color(dot),
      stroke: color,
      strokeWidth: 1.6,
    }),
  ];
}

function measuredMarks(
  { measured }: TimelineModel,
  palette: Palette,
  small: boolean,
): Plot.Markish[] {
  return [
    Plot.line(measured, {
      x: 'x',
      y: 'line',
      z: 'stage',
      stroke: palette.measured,
      strokeWidth: 1.2,
    }),
    Plot.ruleX(
      measured.filter(({ low }) => low !== null),
      { x: 'x', y1: 'low', y2: 'high', stroke: palette.measured, strokeWidth: 1.1 },
    ),
    Plot.dot(measured, {
      x: 'x',
      y: 'y',
      r: radius(measured.length, small),
      fill: palette.measured,
    }),
  ];
}

/** Dots that are many are small, so that each is still seen. */
function radius(count: number, small: boolean): number {
  const plenty = small ? 40 : 150;
  return (small ? 2 : 2.8) * Math.min(1, Math.max(0.5, plenty / Math.max(count, 1)));
}

/** The first three hues are those of what was predicted, measured and forecast. */
function referenceHue(palette: Palette, index: number): string {
  return palette.hues[3 + (index % (palette.hues.length - 3))] ?? palette.ink;
}

/** What the marks mean; only those that are drawn. */
export function timelineLegend(models: readonly TimelineModel[], palette: Palette): LegendEntry[] {
  const any = (has: (model: TimelineModel) => boolean): boolean => models.some(has);
  const runs = [...new Set(models.flatMap((model) => model.references.map(({ run }) => run)))];
  const entries: (LegendEntry | false)[] = [
    any(({ measured }) => measured.length > 0) && {
      label: 'measured, 95 % interval',
      color: palette.measured,
      mark: 'dot',
    },
    any(({ probed }) => probed.length > 0) && {
      label: 'predicted by a probe, with its interval',
      color: palette.probed,
      mark: 'band',
    },
    any(({ fitted }) => fitted.length > 0) && {
      label: 'what the probe learned from',
      color: palette.probed,
      mark: 'paleRing',
    },
    any(({ forecasts }) => forecasts.some(({ of }) => of.verdict === 'predictable')) && {
      label: 'forecast, 95 % interval (filled once scored)',
      color: palette.forecast,
      mark: 'ring',
    },
    any(({ forecasts }) => forecasts.some(({ of }) => of.verdict !== 'predictable')) && {
      label: 'forecast that is no answer',
      color: palette.refused,
      mark: 'ring',
    },
    ...namesOf(models.flatMap(({ baselines }) => baselines)).map((name) => ({
      label: `baseline: ${name}`,
      color: palette.baseline,
      mark: 'dash' as const,
      dash: dashOf(name),
    })),
    any(({ chance }) => chance !== null) && {
      label: 'guessing',
      color: palette.baseline,
      mark: 'dash',
      dash: guessingDash,
    },
  ];
  return [
    ...entries.filter((entry) => entry !== false),
    ...runs.map((run, index) => ({
      label: run,
      color: referenceHue(palette, index),
      mark: 'line' as const,
    })),
  ];
}
