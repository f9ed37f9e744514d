import type { ReactElement } from 'react';
import { type Connection, useConnection, useSource } from '../data/index.ts';
import { moment } from '../format/index.ts';
import { chooseTheme, type PageName, type Route, routeTo, useTheme } from '../state/index.ts';

const entries: readonly (readonly [page: PageName, label: string])[] = [
  ['overview', 'Overview'],
  ['run', 'Run'],
  ['task', 'Task'],
  ['compare', 'Compare'],
  ['forecast', 'Forecast'],
  ['probes', 'Probes'],
  ['data', 'Data'],
];

export function TopBar({ route }: { readonly route: Route | null }): ReactElement {
  return (
    <header className="top-bar">
      <a className="brand" href="#/overview">
        <svg aria-hidden="true" viewBox="0 0 16 16" width="18" height="18">
          <rect width="16" height="16" rx="3" fill="var(--probed)" />
          <path d="M2.5 11.5 6 8l2.5 2L13 4.5" fill="none" stroke="#fff" strokeWidth="1.6" />
          <circle cx="13" cy="4.5" r="1.6" fill="#fff" />
        </svg>
        Sonde
      </a>
      <nav aria-label="Pages">
        {entries.map(([page, label]) => (
          <a
            key={page}
            href={routeTo(page)}
            {...(route?.page === page ? { 'aria-current': 'page' as const } : {})}
          >
            {label}
          </a>
        ))}
      </nav>
      <ConnectionState />
      <ThemeButton />
    </header>
  );
}

const words: Readonly<Record<Exclude<Connection, 'report'>, string>> = {
  live: 'live',
  connecting: 'connecting',
  lost: 'connection lost',
};

function ConnectionState(): ReactElement {
  const connection = useConnection();
  const { writtenAt } = useSource();
  const text = connection === 'report' ? `report of ${moment(writtenAt ?? '')}` : words[connection];
  return (
    <span className={`connection ${connection}`} role="status">
      {text}
    </span>
  );
}

function ThemeButton(): ReactElement {
  const theme = useTheme();
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <button
      type="button"
      className="icon-button theme"
      aria-label={`Use the ${other} theme`}
      title={`Use the ${other} theme`}
      onClick={() => chooseTheme(other)}
    >
      <svg aria-hidden="true" viewBox="0 0 16 16" width="15" height="15">
        <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.4" />
        <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
      </svg>
    </button>
  );
}
