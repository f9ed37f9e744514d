import { describeSystemFailure } from './system-failure.ts';
import { UserError } from './user-error.ts';

/** What a user can mend, in a sentence; null for a bug. */
export function userWords(error: unknown): string | null {
  return error instanceof UserError ? error.message : describeSystemFailure(error);
}
