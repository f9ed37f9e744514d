/**
 * The user's input is wrong: the command line prints the message without a stack and exits with 2. Anything else that
 * is thrown is a bug (exit 1, with its stack).
 *
 * A message names who complains, which value, where it stands and what to do:
 * `` `suite.yaml`: expected `tasks.add.chance` to be a number from 0 to 1, got 1.5 (in /data/suite.yaml) ``.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}
