import { shadeCodes } from './heat-shades.ts';

/** What a character of a plot belongs to; where colours are on, each has its own. */
export type Ink = 'plain' | 'quiet' | 'curve' | 'band' | 'forecast' | 'measured';

/** Colours that can be read on dark and on light terminals. */
const codes: Readonly<Record<Ink, string | null>> = {
  plain: null,
  quiet: '90',
  curve: '1;36',
  band: '36',
  forecast: '1;36',
  measured: '1;31',
};

/** A text in its colour, for a terminal that shows colours. */
export function inInk(text: string, ink: Ink): string {
  const code = codes[ink];
  return code === null ? text : `\u001b[${code}m${text}\u001b[0m`;
}

const allowed = [...Object.values(codes).filter((code) => code !== null), ...shadeCodes];

/** What `inInk` and `inShade` make of a text without control characters. */
export const inkPairs: RegExp = new RegExp(
  `\\u001b\\[(?:${allowed.join('|')})m[^\\p{Cc}\\p{Bidi_Control}\\u2028\\u2029]*\\u001b\\[0m`,
  'gu',
);
