import type { Answer } from '../../wire/index.ts';

/** An answer of the HTTP API without what all begin with. */
export type Body<T extends Answer> = Omit<T, keyof Answer>;
