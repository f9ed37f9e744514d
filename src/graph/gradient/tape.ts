import type { GraphBuilder, Value } from '../graph-builder.ts';
import { type Dtype, elementCount, type Tensor } from '../tensor.ts';

/** Sizes of a value's axes, all known when the graph is built. */
export type Shape = readonly number[];

/** A value of a graph whose shape is known and whose making was recorded, so that it can be differentiated. */
export type Traced = { readonly tape: Tape; readonly value: Value; readonly shape: Shape };

/** What the gradient of one operation may use. `slope` is the loss's derivative in `result`, of its shape. */
export type Backward<Settings> = {
  readonly operands: readonly Traced[];
  readonly result: Traced;
  readonly slope: Traced;
  readonly settings: Settings;
};

/** An operator with its inference of shapes and its gradient. */
export type Operation<Settings> = {
  /** Shape of the result; throws `Error` where the operands do not fit. */
  readonly shape: (shapes: readonly Shape[], settings: Settings) => Shape;
  readonly emit: (graph: GraphBuilder, operands: readonly Traced[], settings: Settings) => Value;
  /** Derivatives of the loss in the operands, each built only if asked for; fewer than operands where the last have none. */
  readonly slopes: (at: Backward<Settings>) => readonly (() => Traced)[];
};

type Entry = {
  readonly operands: readonly Traced[];
  readonly result: Traced;
  readonly slopes: (slope: Traced) => readonly (() => Traced)[];
};

/** Records operations over a `GraphBuilder`, for reverse-mode gradients: see `gradients`. */
export class Tape {
  readonly graph: GraphBuilder;
  readonly #entries: Entry[] = [];

  constructor(graph: GraphBuilder) {
    this.graph = graph;
  }

  /** Takes in a value made without the tape. Its gradient can be asked for, nothing behind it is differentiated. */
  trace(value: Value, shape: Shape): Traced {
    return { tape: this, value, shape };
  }

  /** An input of known shape. */
  input(name: string, dtype: Dtype, shape: Shape): Traced {
    return this.trace(this.graph.input(name, dtype, shape), shape);
  }

  constant(tensor: Tensor): Traced {
    return this.trace(this.graph.constant(tensor), tensor.shape);
  }

  /** A float32 constant of shape `[]`. */
  number(value: number): Traced {
    return this.trace(this.graph.number(value), []);
  }

  record<Settings>(
    operation: Operation<Settings>,
    operands: readonly Traced[],
    settings: Settings,
  ): Traced {
    const shape = operation.shape(
      operands.map((operand) => operand.shape),
      settings,
    );
    const result = this.trace(operation.emit(this.graph, operands, settings), shape);
    this.#entries.push({
      operands,
      result,
      slopes: (slope) => operation.slopes({ operands, result, slope, settings }),
    });
    return result;
  }

  /** What was recorded up to now, in order. */
  entries(): readonly Entry[] {
    return [...this.#entries];
  }
}

/** Records an operation on the tape of its first operand. */
export function record<Settings>(
  operation: Operation<Settings>,
  operands: readonly [Traced, ...Traced[]],
  settings: Settings,
): Traced {
  return operands[0].tape.record(operation, operands, settings);
}

/**
 * Adds the nodes of ∂loss/∂x for each x of `parameters` to the loss's graph (reverse mode) and returns these values, of
 * the shapes of the parameters. `plus` adds two values. Only what lies between a parameter and the loss is
 * differentiated. Throws `Error` for a loss of more than one element and for a parameter that the loss does not depend on.
 */
export function backpropagate(
  loss: Traced,
  parameters: readonly Traced[],
  { one, plus }: { one: Traced; plus: (a: Traced, b: Traced) => Traced },
): Traced[] {
  if (elementCount(loss.shape) !== 1) {
    throw new Error(`gradients: expected a scalar loss, got shape [${loss.shape.join(', ')}]`);
  }
  const entries = loss.tape.entries();
  const moving = new Set(parameters);
  for (const { operands, result } of entries) {
    if (operands.some((operand) => moving.has(operand))) moving.add(result);
  }
  const slopes = new Map<Traced, Traced>([[loss, one]]);
  for (const { operands, result, slopes: slopesOf } of entries.toReversed()) {
    const slope = slopes.get(result);
    if (slope === undefined || !moving.has(result)) continue;
    const makers = slopesOf(slope);
    operands.forEach((operand, i) => {
      const make = makers[i];
      if (make === undefined || !moving.has(operand)) return;
      const known = slopes.get(operand);
      slopes.set(operand, known === undefined ? make() : plus(known, make()));
    });
  }
  return parameters.map((parameter) => {
    const slope = slopes.get(parameter);
    if (slope === undefined) {
      throw new Error(`gradients: the loss does not depend on \`${parameter.value.name}\``);
    }
    return slope;
  });
}
