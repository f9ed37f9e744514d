/** Single responses: 1 right, 0 wrong, a share between them, or none. */
import { UserError } from '../../../error/index.ts';

/** Blank cells and what tables write for no value. */
const none = new Set(['', 'na', 'nan', 'null', 'none', 'n/a', '<na>']);

/** A cell's response; null for none, undefined for what is no response at all. */
export function cellResponse(cell: string): number | null | undefined {
  if (cell === '1') return 1;
  if (cell === '0') return 0;
  const text = cell.trim();
  if (none.has(text.toLowerCase())) return null;
  if (/^true$/i.test(text)) return 1;
  if (/^false$/i.test(text)) return 0;
  return inBounds(Number(text));
}

/** A JSON value's response; null for none, undefined for what is no response at all. */
export function jsonResponse(value: unknown): number | null | undefined {
  if (value === null) return null;
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'number' ? inBounds(value) : undefined;
}

function inBounds(value: number): number | undefined {
  return value >= 0 && value <= 1 ? value : undefined;
}

export function refuseResponse(where: string, value: unknown): UserError {
  const shown = JSON.stringify(value) as string | undefined;
  return new UserError(
    `${where}: expected a response from 0 (wrong) to 1 (right), or none, got ${(shown ?? 'nothing').slice(0, 80)}`,
  );
}

/** As long as any text of a record may be. */
const maxNameLength = 4000;

/** @throws UserError for a name that nothing can be known by. */
export function checkName(name: string, what: string, where: string): string {
  if (name.trim() !== '' && name.length <= maxNameLength) return name;
  const problem = name.trim() === '' ? 'none' : `one of ${name.length} characters`;
  throw new UserError(
    `${where}: expected the name of ${what}, at most ${maxNameLength} characters, got ${problem}`,
  );
}
