/** The colours of charts: those of `styles/tokens.css`, so that both themes are written once. */
import { type Theme, useTheme } from '../state/index.ts';

export type Palette = {
  readonly ink: string;
  readonly quiet: string;
  readonly line: string;
  readonly ground: string;
  readonly measured: string;
  readonly probed: string;
  readonly forecast: string;
  readonly baseline: string;
  readonly refused: string;
  /** Told apart by colour-blind readers (Okabe and Ito); used again from the start where there are more lines. */
  readonly hues: readonly string[];
  /** Shades of a rate 0…1, evenly apart. */
  readonly shades: readonly string[];
};

const hueCount = 8;
const shadeCount = 9;

const known = new Map<Theme, Palette>();

/** Of the theme in force. */
export function usePalette(): Palette {
  const theme = useTheme();
  const palette = known.get(theme) ?? readPalette();
  known.set(theme, palette);
  return palette;
}

function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const row = (name: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => token(`${name}-${index}`));
  return {
    ink: token('ink'),
    quiet: token('quiet'),
    line: token('line'),
    ground: token('surface'),
    measured: token('measured'),
    probed: token('probed'),
    forecast: token('forecast'),
    baseline: token('baseline'),
    refused: token('refused'),
    hues: row('hue', hueCount),
    shades: row('shade', shadeCount),
  };
}
