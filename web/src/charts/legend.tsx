import type { ReactElement } from 'react';
import { type LegendEntry, markShape } from './legend-marks.ts';

/** One mark of a chart, as small as a word. */
function Swatch({ entry }: { readonly entry: LegendEntry }): ReactElement {
  const { path, pen, opacity, dash } = markShape(entry);
  return (
    <svg className="swatch" aria-hidden="true" width="18" height="10" viewBox="0 0 18 10">
      <path
        d={path}
        opacity={opacity}
        {...(pen === null
          ? { fill: entry.color }
          : { fill: 'none', stroke: entry.color, strokeWidth: pen })}
        {...(dash === null ? {} : { strokeDasharray: dash })}
      />
    </svg>
  );
}

export function Legend({ entries }: { readonly entries: readonly LegendEntry[] }): ReactElement {
  return (
    <ul className="legend">
      {entries.map((entry) => (
        <li key={entry.label}>
          <Swatch entry={entry} />
          {entry.label}
        </li>
      ))}
    </ul>
  );
}
