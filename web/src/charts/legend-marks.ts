/** The marks of a legend as shapes of 18 × 10: on the page and in exported pictures the same. */

export type Mark = 'line' | 'band' | 'dot' | 'ring' | 'paleRing' | 'tick' | 'dash' | 'square';

export type LegendEntry = {
  readonly label: string;
  readonly color: string;
  readonly mark: Mark;
  /** Another one than the mark's own; as SVG has it. */
  readonly dash?: string;
};

/** A path that is filled, or drawn with a pen of some width. */
export type MarkShape = {
  readonly path: string;
  /** Null: filled. */
  readonly pen: number | null;
  readonly opacity: number;
  readonly dash: string | null;
};

/** How strongly is drawn what stands behind what matters. */
export const paleOpacity = 0.55;

const across = 'M0 5H18';
const round = 'M5.5 5a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0Z';

const shapes: Readonly<Record<Mark, MarkShape>> = {
  line: { path: across, pen: 2, opacity: 1, dash: null },
  dash: { path: across, pen: 1.5, opacity: 1, dash: '4 3' },
  tick: { path: 'M9 0V10', pen: 2, opacity: 1, dash: null },
  band: { path: 'M0 1H18V9H0Z', pen: null, opacity: 0.25, dash: null },
  square: { path: 'M4 0H14V10H4Z', pen: null, opacity: 1, dash: null },
  dot: { path: round, pen: null, opacity: 1, dash: null },
  ring: { path: round, pen: 1.8, opacity: 1, dash: null },
  paleRing: { path: round, pen: 1.2, opacity: paleOpacity, dash: null },
};

export function markShape({ mark, dash }: Pick<LegendEntry, 'mark' | 'dash'>): MarkShape {
  const shape = shapes[mark];
  return dash === undefined ? shape : { ...shape, dash };
}
