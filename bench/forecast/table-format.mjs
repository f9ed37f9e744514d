export function mean(values) {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? sorted[Math.floor(middle)]
    : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function share(values, holds) {
  return values.length === 0 ? null : values.filter(holds).length / values.length;
}

export function fixed(value, digits = 1) {
  return value === null || value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits);
}

export function percent(value) {
  return value === null ? '–' : `${(100 * value).toFixed(0)} %`;
}

/** A Markdown table; the first column to the left, the others to the right. */
export function markdown(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** Absolute error of a method on a case, in points; null where it has no number. */
export function errorOf({ byMethod, truth }, method) {
  const accuracy = byMethod.get(method)?.accuracy ?? null;
  return accuracy === null ? null : 100 * Math.abs(accuracy - truth);
}

export function errorsOf(results, method) {
  return results.map((result) => errorOf(result, method)).filter((error) => error !== null);
}
