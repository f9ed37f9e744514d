import type { ReactElement } from 'react';

export type Mark = 'line' | 'band' | 'dot' | 'ring' | 'tick' | 'dash' | 'dots' | 'square';

export type LegendEntry = { readonly label: string; readonly color: string; readonly mark: Mark };

const size = { width: 18, height: 10 } as const;

/** One mark of a chart, as small as a word. */
function Swatch({ color, mark }: Omit<LegendEntry, 'label'>): ReactElement {
  return (
    <svg className="swatch" aria-hidden="true" {...size} viewBox="0 0 18 10">
      <SwatchShape color={color} mark={mark} />
    </svg>
  );
}

function SwatchShape({ color, mark }: Omit<LegendEntry, 'label'>): ReactElement {
  switch (mark) {
    case 'line':
      return <path d="M0 5H18" stroke={color} strokeWidth="2" />;
    case 'dash':
      return <path d="M0 5H18" stroke={color} strokeWidth="1.5" strokeDasharray="4 3" />;
    case 'dots':
      return <path d="M0 5H18" stroke={color} strokeWidth="1.5" strokeDasharray="1.5 3" />;
    case 'tick':
      return <path d="M9 0V10" stroke={color} strokeWidth="2" />;
    case 'band':
      return <path d="M0 1H18V9H0Z" fill={color} fillOpacity="0.25" />;
    case 'square':
      return <path d="M4 0H14V10H4Z" fill={color} />;
    case 'dot':
      return <circle cx="9" cy="5" r="3.5" fill={color} />;
    case 'ring':
      return <circle cx="9" cy="5" r="3.5" fill="none" stroke={color} strokeWidth="1.8" />;
  }
}

export function Legend({ entries }: { readonly entries: readonly LegendEntry[] }): ReactElement {
  return (
    <ul className="legend">
      {entries.map(({ label, color, mark }) => (
        <li key={label}>
          <Swatch color={color} mark={mark} />
          {label}
        </li>
      ))}
    </ul>
  );
}
