/** Colours of a share, as bytes: a heat map writes tens of thousands of them. */

export type Rgb = readonly [red: number, green: number, blue: number];

/** Evenly between the stops, `#rrggbb` each; below 0 and above 1 the ends. */
export function colorScale(stops: readonly string[]): (share: number) => Rgb {
  const colors = stops.map(parseColor);
  return (share) => {
    const place = Math.min(Math.max(share, 0), 1) * (colors.length - 1);
    const low = colors[Math.floor(place)] ?? [0, 0, 0];
    const high = colors[Math.ceil(place)] ?? low;
    const part = place - Math.floor(place);
    const mix = (a: number, b: number): number => Math.round(a + part * (b - a));
    return [mix(low[0], high[0]), mix(low[1], high[1]), mix(low[2], high[2])];
  };
}

/** @throws Error for anything but `#rrggbb`, and `#rgb`, which style sheets are shortened to. */
export function parseColor(text: string): Rgb {
  const long = text.replace(/^#([\da-f])([\da-f])([\da-f])$/i, '#$1$1$2$2$3$3');
  const [, red, green, blue] = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(long) ?? [];
  if (red === undefined || green === undefined || blue === undefined) {
    throw new Error(`parseColor: expected #rrggbb, got \`${text}\``);
  }
  return [Number.parseInt(red, 16), Number.parseInt(green, 16), Number.parseInt(blue, 16)];
}

/** Whether dark text is easier to read on it than light text (by the relative luminance of WCAG 2). */
export function isLight([red, green, blue]: Rgb): boolean {
  const linear = (byte: number): number => {
    const share = byte / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue) > 0.18;
}
