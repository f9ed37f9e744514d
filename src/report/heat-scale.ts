import { palette } from './palette.ts';

/** How the numbers of a heat map are written and shaded. */
export type HeatScale = {
  /** Digits behind the point. */
  readonly digits: number;
  /** The values of the first and the last shade; what lies beyond is shaded as they are. */
  readonly domain: readonly [number, number];
  /** Whether the middle of the domain is neutral and both ends are coloured; else only the high end is. */
  readonly diverging: boolean;
};

/** Shares of red, green and blue, 0 to 255. */
type Rgb = readonly [number, number, number];

const low = rgb(palette.measured);
const neutral = rgb(palette.ground);
const high = rgb(palette.curve);

/** Where a value stands in the domain, 0 to 1; the middle where the domain has no width. */
export function heatShare(value: number, { domain: [from, to] }: HeatScale): number {
  if (from === to) return 0.5;
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}

/** A value as its cell shows it, without the sign of a rounded zero; `·` where there is none. */
export function heatText(value: number | null, { digits }: HeatScale): string {
  if (value === null) return '·';
  const text = value.toFixed(digits);
  return /^-0(?:\.0*)?$/.test(text) ? text.slice(1) : text;
}

/** Ground and ink of the cell at a share of the domain, as `#rrggbb`. */
export function heatColours(
  share: number,
  { diverging }: HeatScale,
): { readonly ground: string; readonly ink: string } {
  const ground = diverging
    ? mix(neutral, share < 0.5 ? low : high, Math.abs(2 * share - 1))
    : mix(neutral, high, share);
  const onInk = contrast(luminance(ground), luminance(rgb(palette.ink)));
  const onGround = contrast(luminance(ground), luminance(neutral));
  return { ground: hex(ground), ink: onInk >= onGround ? palette.ink : palette.ground };
}

function rgb(colour: string): Rgb {
  const part = (at: number): number => Number.parseInt(colour.slice(at, at + 2), 16);
  return [part(1), part(3), part(5)];
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const part = (at: 0 | 1 | 2): number => Math.round(from[at] + share * (to[at] - from[at]));
  return [part(0), part(1), part(2)];
}

function hex(colour: Rgb): string {
  return `#${colour.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

/** Relative luminance, 0 to 1 (WCAG 2.2). */
function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}

/** Contrast of two luminances, 1 to 21 (WCAG 2.2). */
function contrast(a: number, b: number): number {
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}
