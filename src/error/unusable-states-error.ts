import { UserError } from './user-error.ts';

/**
 * The weights, or the states that they give, are not to be used: they are not finite, changed during the pass, or do not fit
 * the type that they are to be kept in. What the pass left is of no use to a later one, which would end the same way.
 */
export class UnusableStatesError extends UserError {}
