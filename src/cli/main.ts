import { Command, CommanderError } from 'commander';
import { userWords } from '../error/index.ts';
// Commands load the rooms below them when they run: --help and mistakes on the command line cost nothing.
import { commands } from './commands/index.ts';
import type { CommandDefinition, CommandOutput } from './command.ts';
import type { CliEnvironment, GlobalOptions } from './environment.ts';
import { terminalText, withoutLongWords } from './render/terminal-text.ts';
import { createCliSession } from './session.ts';
import { version } from './version.ts';

/** Exit codes of the contract. 3 means: done, but something needs a person. */
const exitCodes = { done: 0, bug: 1, userError: 2, needsPerson: 3, interrupted: 130 } as const;

/**
 * Runs one command line, `args` without `node` and script, and returns the exit code. The one place where errors become
 * exit codes: on 1 and 2 nothing has been written to stdout.
 */
export async function main(args: readonly string[], environment: CliEnvironment): Promise<number> {
  try {
    return await runProgram(args, environment);
  } catch (error) {
    return reportFailure(error, environment);
  }
}

async function runProgram(args: readonly string[], environment: CliEnvironment): Promise<number> {
  const { stdout } = environment;
  let exitCode: number = exitCodes.done;
  const program = createProgram(environment, async (definition, positional, options, globals) => {
    await using session = createCliSession(environment, globals);
    const output = await definition.run(positional, options, session);
    stdout.write(globals.json === true ? formatJson(output) : await formatText(output));
    if (output.needsPerson === true) exitCode = exitCodes.needsPerson;
  });
  await program.parseAsync([...args], { from: 'user' });
  return exitCode;
}

type RunCommand = (
  definition: CommandDefinition,
  positional: readonly string[],
  options: Record<string, unknown>,
  globals: GlobalOptions,
) => Promise<void>;

function createProgram(environment: CliEnvironment, runCommand: RunCommand): Command {
  const program = new Command('sonde')
    .description(
      'Predicts what an LLM in pre-training will score: probes read the hidden states of its checkpoints,\n' +
        'learn from the outcomes of earlier ones, and say what a later one scores without generating an answer.',
    )
    .version(version, '--version', 'print the version')
    .option(
      '--store <dir>',
      'the folder of results (default: nearest .sonde upwards, else ./.sonde)',
    )
    .option('--json', 'print exactly one JSON object on stdout')
    .option('--quiet', 'no progress and no notes on stderr')
    .option('--no-color', 'plain text (NO_COLOR works too)')
    .helpOption('--help', 'show help')
    .helpCommand(false)
    .showHelpAfterError('(see sonde --help)')
    .configureOutput({
      writeOut: (text) => environment.stdout.write(text),
      writeErr: (text) => environment.stderr.write(terminalText(text)),
    })
    .exitOverride();
  for (const definition of commands) addCommand(program, definition, runCommand);
  return program;
}

function addCommand(program: Command, definition: CommandDefinition, runCommand: RunCommand): void {
  const command = program.command(definition.usage).description(definition.summary);
  command.helpOption('--help', 'show help');
  definition.configure(command);
  command.action(async (...received: unknown[]) => {
    const positional = received
      .slice(0, -2)
      .flat()
      .filter((part) => part !== undefined);
    await runCommand(definition, positional.map(String), command.opts(), program.opts());
  });
}

function formatJson(output: CommandOutput): string {
  return `${JSON.stringify({ schemaVersion: 1, sonde: version, ...output.json })}\n`;
}

/** Texts quote names of logs and folders: whatever a command says goes through the terminal's filter. */
async function formatText(output: CommandOutput): Promise<string> {
  const text = terminalText(await output.text());
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

function reportFailure(error: unknown, { stderr, signal }: CliEnvironment): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.done : exitCodes.userError;
  }
  if (signal.aborted) {
    stderr.write(
      'sonde: interrupted; everything finished so far is kept, the same command goes on from there\n',
    );
    return exitCodes.interrupted;
  }
  const message = userWords(error);
  if (message !== null) {
    stderr.write(terminalText(`sonde: ${withoutLongWords(message)}\n`));
    return exitCodes.userError;
  }
  stderr.write(
    terminalText(
      `sonde: this is a bug in sonde ${version}, please report it\n${describeBug(error)}\n`,
    ),
  );
  return exitCodes.bug;
}

function describeBug(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${describeBug(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
