/** Accuracies and their like as points, `0.8234` → `82.3`; `–` where there is no number. */
export function points(value: number | null, digits = 1): string {
  return value === null ? '–' : (100 * value).toFixed(digits);
}

/** A plain number with fixed digits; `–` where there is none. */
export function fixed(value: number | null, digits = 3): string {
  return value === null ? '–' : value.toFixed(digits);
}

/** A count in short form: `854144` → `854k`, `7.2e9` → `7.2B`. */
export function count(value: number | null): string {
  if (value === null) return '–';
  const units = ['', 'k', 'M', 'B', 'T'];
  let rest = value;
  let unit = 0;
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  return `${rest >= 100 || unit === 0 ? Math.round(rest) : rest.toPrecision(2)}${units[unit] ?? ''}`;
}

/** FLOPs: `1.2e20`. */
export function flops(value: number | null): string {
  return value === null ? '–' : value.toExponential(2).replace('e+', 'e');
}

/** A duration: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  if (whole < 7200) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.round((whole % 3600) / 60)} min`;
}

/** A size: `1.2 GB` (decimal units). */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let rest = value;
  let unit = 0;
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  return `${rest >= 100 || unit === 0 ? Math.round(rest) : rest.toPrecision(2)} ${units[unit] ?? ''}`;
}
