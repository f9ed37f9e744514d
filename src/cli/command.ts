import type { Command } from 'commander';
import type { CliSession } from './session.ts';

/** One result, told twice: for scripts and for people. */
export type CommandOutput = {
  readonly json: Record<string, unknown>;
  /** Made only where a person reads it: a script's JSON must not wait for a table of thousands of rows. */
  readonly text: () => string | Promise<string>;
  /** Exit code 3: done, but something needs a person. */
  readonly needsPerson?: boolean;
};

export type CommandDefinition = {
  /** Verb and arguments in commander's notation: `inspect <checkpoint...>`. */
  readonly usage: string;
  readonly summary: string;
  configure(command: Command): void;
  run(
    positional: readonly string[],
    options: Record<string, unknown>,
    session: CliSession,
  ): Promise<CommandOutput>;
};
