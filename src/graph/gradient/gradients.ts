import { add } from './elementwise.ts';
import { backpropagate, type Traced } from './tape.ts';
import { expand } from './layout.ts';

/**
 * Adds the nodes of ∂loss/∂x for each x of `parameters` to the loss's graph (reverse mode) and returns these values, of
 * the shapes of the parameters. Only what lies between a parameter and the loss is differentiated. Throws `Error` for a
 * loss of more than one element and for a parameter that the loss does not depend on.
 */
export function gradients(loss: Traced, parameters: readonly Traced[]): Traced[] {
  const one = expand(loss.tape.number(1), loss.shape);
  return backpropagate(loss, parameters, { one, plus: add });
}
