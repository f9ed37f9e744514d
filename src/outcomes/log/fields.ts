/** Fields of parsed JSON whose shape nobody vouches for: what is not of the wanted type reads as null. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectIn(parent: unknown, key: string): JsonObject | null {
  const value = fieldIn(parent, key);
  return isObject(value) ? value : null;
}

export function listIn(parent: unknown, key: string): readonly unknown[] | null {
  const value = fieldIn(parent, key);
  return Array.isArray(value) ? value : null;
}

/** A text that is not empty. */
export function textIn(parent: unknown, key: string): string | null {
  const value = fieldIn(parent, key);
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A finite number; one that was written as a text is read. */
export function numberIn(parent: unknown, key: string): number | null {
  return toNumber(fieldIn(parent, key));
}

export function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** Own properties only: a log may name anything. */
export function fieldIn(parent: unknown, key: string): unknown {
  return isObject(parent) && Object.hasOwn(parent, key) ? parent[key] : null;
}
