/** What a command needs of the process it runs in; tests pass their own. */
export type CliEnvironment = {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: {
    write(text: string): unknown;
    readonly isTTY?: boolean;
    /** Of a terminal. */
    readonly columns?: number;
  };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
  /** Aborted by SIGINT or SIGTERM: work stops after the batch it is in. */
  readonly signal: AbortSignal;
};

export type GlobalOptions = {
  readonly store?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
};

/** A variable of the environment; null where it is empty too, as shells have it. */
export function setting({ env }: Pick<CliEnvironment, 'env'>, name: string): string | null {
  return env[name] === '' ? null : (env[name] ?? null);
}
