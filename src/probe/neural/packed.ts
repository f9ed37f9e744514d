import {
  elementCount,
  type GraphBuilder,
  type Tape,
  type Traced,
  type Value,
} from '../../graph/index.ts';
import { randomStream } from '../../stats/index.ts';
import type { Parameter, Weights } from './architecture.ts';

/** All weights of a network in one array, one parameter behind the other. */

/** Starting weights. Equal keys give equal weights. */
export function drawWeights(parameters: readonly Parameter[], seed: number): Float32Array {
  const flat = new Float32Array(packedSize(parameters));
  let from = 0;
  for (const { name, shape, deviation, level = 0 } of parameters) {
    const part = flat.subarray(from, from + elementCount(shape));
    from += part.length;
    const levels = typeof level === 'number' ? [level] : level;
    const stream = deviation === 0 ? null : randomStream('neural', 'weights', seed, name);
    for (let i = 0; i < part.length; i += 1) {
      part[i] = levels[i % levels.length]! + deviation * (stream?.normal() ?? 0);
    }
  }
  return flat;
}

export function packedSize(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
}

/** The part of `flat` that holds a parameter, as a view. */
export function partOf(
  flat: Float32Array,
  parameters: readonly Parameter[],
  name: string,
): Float32Array {
  let from = 0;
  for (const parameter of parameters) {
    const size = elementCount(parameter.shape);
    if (parameter.name === name) return flat.subarray(from, from + size);
    from += size;
  }
  throw new Error(`neural: no parameter \`${name}\``);
}

/** The parameters of a packed array inside a graph, in their order. */
export function unpack(tape: Tape, flat: Value, parameters: readonly Parameter[]): Traced[] {
  const pieces = splitPacked(tape.graph, flat, parameters);
  return parameters.map(({ shape }, i) =>
    tape.trace(tape.graph.op('Reshape', [pieces[i]!, tape.graph.ints(...shape)]), shape),
  );
}

/** What `unpack` takes apart, together again. */
export function pack(parts: readonly Traced[]): Value {
  const { graph } = parts[0]!.tape;
  const flat = parts.map(({ value, shape }) =>
    graph.op('Reshape', [value, graph.ints(elementCount(shape))]),
  );
  return graph.op('Concat', flat, { axis: 0 });
}

export function byName(parameters: readonly Parameter[], all: readonly Traced[]): Weights {
  const known = new Map(parameters.map(({ name }, i) => [name, all[i]!]));
  return (name) => {
    const found = known.get(name);
    if (found === undefined) throw new Error(`neural: no parameter \`${name}\``);
    return found;
  };
}

function splitPacked(
  graph: GraphBuilder,
  flat: Value,
  parameters: readonly Parameter[],
): readonly Value[] {
  if (parameters.length === 1) return [flat];
  const sizes = graph.ints(...parameters.map(({ shape }) => elementCount(shape)));
  return graph.ops('Split', [flat, sizes], {
    outputs: parameters.length,
    attributes: { axis: 0 },
  });
}
