import { UserError } from '../error/index.ts';

/** Commander hands options over as an untyped record; these read one of them with its type checked. */
type Options = Record<string, unknown>;

export function optionalText(options: Options, name: string): string | null {
  const value = options[name];
  return typeof value === 'string' ? value : null;
}

export function requiredText(options: Options, name: string): string {
  const value = optionalText(options, name);
  if (value === null) throw new UserError(`--${kebab(name)}: expected a value, got none`);
  return value;
}

export function optionalFlag(options: Options, name: string): boolean {
  return options[name] === true;
}

export function optionalNumber(options: Options, name: string): number | null {
  const value = options[name];
  return typeof value === 'number' ? value : null;
}

/** A number that has a default in the command's definition. */
export function numberOption(options: Options, name: string): number {
  const value = optionalNumber(options, name);
  if (value === null) throw new UserError(`--${kebab(name)}: expected a number, got none`);
  return value;
}

export function optionalList(options: Options, name: string): readonly string[] | null {
  const value = options[name];
  return Array.isArray(value) ? value.map(String) : null;
}

export function optionalNumbers(options: Options, name: string): readonly number[] | null {
  const value = options[name];
  return Array.isArray(value) ? value.map(Number) : null;
}

export function requiredList(options: Options, name: string): readonly string[] {
  const value = optionalList(options, name);
  if (value === null)
    throw new UserError(`--${kebab(name)}: expected names separated by commas, got none`);
  return value;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** A text that its parser has made one of a few words. */
export function textOption<Word extends string>(
  options: Options,
  name: string,
  words: readonly Word[],
): Word {
  const value = words.find((word) => word === options[name]);
  if (value === undefined) {
    throw new UserError(
      `--${kebab(name)}: expected one of ${words.join(', ')}, got ${String(options[name])}`,
    );
  }
  return value;
}
