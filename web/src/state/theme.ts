/** Light or dark: the reader's choice where there is one, else the system's. A preference, so not part of the address. */
import { useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark';
type ThemeChoice = Theme | 'system';

const key = 'sonde-theme';
const listeners = new Set<() => void>();
const systemIsDark = window.matchMedia('(prefers-color-scheme: dark)');

/** Applies the choice that was kept, before the first paint. */
export function startTheme(): void {
  systemIsDark.addEventListener('change', apply);
  apply();
}

function themeChoice(): ThemeChoice {
  const kept = read();
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export function chooseTheme(choice: ThemeChoice): void {
  try {
    window.localStorage.setItem(key, choice);
  } catch {
    // A page opened from a disk may be refused a storage: the choice then holds for this view alone.
    document.documentElement.dataset['choice'] = choice;
  }
  apply();
}

/** The theme in force. */
export function useTheme(): Theme {
  return useSyncExternalStore(watch, currentTheme);
}

function apply(): void {
  document.documentElement.dataset['theme'] = currentTheme();
  for (const listener of listeners) listener();
}

function currentTheme(): Theme {
  const choice = themeChoice();
  if (choice !== 'system') return choice;
  return systemIsDark.matches ? 'dark' : 'light';
}

function read(): string | null {
  const held = document.documentElement.dataset['choice'];
  if (held !== undefined) return held;
  try {
    return window.localStorage.getItem(key);
  } catch {
    return null;
  }
}

function watch(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
