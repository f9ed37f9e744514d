import type * as Plot from '@observablehq/plot';
import { tickLabel } from './log-axis.ts';

const levels = [0, 25, 50, 75, 100];

/** A share (0 to 1) as percent, kept on the axis: error bars and bands may reach beyond what an accuracy can be. */
export function percent(share: number): number {
  return 100 * Math.min(1, Math.max(0, share));
}

/** As `percent`; a line or a band is interrupted where there is no number. */
export function percentOrGap(share: number | null | undefined): number | null {
  return share == null ? null : percent(share);
}

/** The axis of accuracies at the left, with faint lines across. */
export function percentAxis(plots: typeof Plot): readonly Plot.Markish[] {
  return [
    plots.gridY(levels, { strokeOpacity: 0.12 }),
    plots.axisY(levels, { label: null, tickSize: 0, tickFormat: String }),
  ];
}

/** The axis of compute at the bottom. */
export function computeAxis(plots: typeof Plot, ticks: readonly number[]): readonly Plot.Markish[] {
  return [
    plots.axisX(ticks, { label: null, tickSize: 4, tickFormat: tickLabel }),
    plots.ruleY([0], { strokeOpacity: 0.5 }),
  ];
}
