import { UserError } from '../../error/index.ts';
import { forecasters, isVariant } from '../../forecast/index.ts';

/** The answer that Sonde stands behind, beside every method by its own name. */
export const chosenName = 'chosen';

/** What is meant by no choice: every method, of those with variants (`cod:…`) the one that stands for them. */
export function methodsOr(methods: readonly string[] | null): readonly string[] {
  return methods ?? forecasters.map(({ name }) => name).filter((name) => !isVariant(name));
}

/** @throws UserError for a method that there is none of, listing them all. */
export function checkMethods(methods: readonly string[] | null): void {
  const known = [...forecasters.map(({ name }) => name), chosenName];
  const unknown = methods?.find((method) => !known.includes(method));
  if (unknown === undefined) return;
  throw new UserError(`--method: expected one or more of ${known.join(', ')}, got \`${unknown}\``);
}
