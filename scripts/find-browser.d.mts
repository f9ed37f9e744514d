/** A Chromium that can be started, and what it must be told. */
export type BrowserProgram = { readonly path: string; readonly args: readonly string[] };

/** `SONDE_BROWSER`, else one of the system, else the one in an npm package; null where there is none. */
export function findBrowser(): Promise<BrowserProgram | null>;
