import type { z } from 'zod';

/** The first zod issue as `` `tasks.add.chance` to be … `` for a message that begins with who complains. */
export function describeIssue(error: z.ZodError, value: unknown, separator = '.'): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'is not valid';
  const inner = issue.code === 'invalid_union' ? issue.errors.flat()[0] : undefined;
  const path = [...issue.path, ...(inner?.path ?? [])];
  const field = path.length === 0 ? 'it' : `\`${path.map(String).join(separator)}\``;
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => `\`${key}\``).join(', ');
    return `unknown field${issue.keys.length > 1 ? 's' : ''} ${keys} in ${field === 'it' ? 'the top level' : field}`;
  }
  return `expected ${field} to be ${expectation(issue)}, got ${show(valueAt(value, path))}`;
}

/** Schemas state what they expect in their messages, all but for objects. */
function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.expected === 'object') return 'an object';
  return issue.message;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return current;
    current = (current as Record<PropertyKey, unknown>)[key];
  }
  return current;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
