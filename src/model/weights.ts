import { UserError } from '../error/index.ts';
import type { ExternalTensor, GraphBuilder, Value } from '../graph/index.ts';
import type { LayerSpec, LinearSpec, ModelSpec, NormSpec } from './model-spec.ts';
import { layerLinears, layerNorms } from './parts.ts';

/** A checkpoint's tensors by name. */
export type Tensors = ReadonlyMap<string, ExternalTensor>;

const WEIGHT_TYPES: readonly string[] = ['F32', 'BF16', 'F16', 'F64'];

/** What names of tensors begin with when a model, its body alone, or a model around it was saved. */
const PREFIXES: readonly string[] = ['', 'model.', 'transformer.'];

export type Requirement = { readonly name: string; readonly shape: readonly number[] };

/** The tensors that the model is made of, with the shapes that its config implies; the rest of a file is not looked at. */
export function requiredTensors(spec: ModelSpec): Requirement[] {
  const { table, positions } = spec.embedding;
  return [
    { name: table, shape: [spec.vocabulary, spec.hidden] },
    ...(positions === null
      ? []
      : [{ name: positions.table, shape: [positions.count, spec.hidden] }]),
    ...spec.layers.flatMap(layerTensors),
    ...normTensors(spec.finalNorm),
    ...linearTensors(spec.head),
  ];
}

/**
 * The tensors under the names that the model has for them, whatever prefix the file gives them. Throws `UserError` at the
 * first one that is missing, has another shape, or a type that is not a weight's.
 */
export function checkTensors<Tensor extends ExternalTensor>(
  spec: ModelSpec,
  tensors: ReadonlyMap<string, Tensor>,
  where: string,
): ReadonlyMap<string, Tensor> {
  const named = withPrefix(spec, tensors);
  checkRequired(requiredTensors(spec), named, where);
  return named;
}

/** The prefix of the file is the one under which it holds the embedding table. */
function withPrefix<Tensor>(
  { prefix, embedding }: ModelSpec,
  tensors: ReadonlyMap<string, Tensor>,
): ReadonlyMap<string, Tensor> {
  if (tensors.has(embedding.table)) return tensors;
  const bare = embedding.table.slice(prefix.length);
  const found = PREFIXES.find((each) => tensors.has(each + bare));
  if (found === undefined) return tensors;
  const renamed = [...tensors]
    .filter(([name]) => name.startsWith(found))
    .map(([name, tensor]) => [prefix + name.slice(found.length), tensor] as const);
  return new Map([...tensors, ...renamed]);
}

function checkRequired(
  requirements: readonly Requirement[],
  tensors: Tensors,
  where: string,
): void {
  for (const { name, shape } of requirements) {
    const expected = `expected tensor \`${name}\` of shape [${shape.join(', ')}]`;
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new UserError(`\`${where}\`: ${expected}, found none`);
    if (tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i])) {
      throw new UserError(
        `\`${where}\`: ${expected}, found [${tensor.shape.join(', ')}] (in ${tensor.file}); ` +
          'config.json and the weights are not of one model',
      );
    }
    if (!WEIGHT_TYPES.includes(tensor.dtype)) {
      throw new UserError(
        `\`${where}\`: expected tensor \`${name}\` to be ${WEIGHT_TYPES.join(', ')}, found ${tensor.dtype} (in ${tensor.file})`,
      );
    }
  }
}

/** Norm weights that are stored around 0, as 1 is added when they are used, under every prefix that a file may have. */
export function offsetNormWeights(spec: ModelSpec): ReadonlySet<string> {
  const norms = [...spec.layers.flatMap(layerNorms), spec.finalNorm];
  return new Set(
    norms.flatMap(({ weight: name, offset }) =>
      name === null || offset === 0
        ? []
        : [spec.prefix, ...PREFIXES].map((prefix) => prefix + name.slice(spec.prefix.length)),
    ),
  );
}

/** The weight as a float32 value of the graph. */
export function weight(graph: GraphBuilder, tensors: Tensors, name: string): Value {
  return graph.cast(stored(graph, tensors, name), 'float32');
}

/** The weight as it is stored. */
export function stored(graph: GraphBuilder, tensors: Tensors, name: string): Value {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`model: tensor \`${name}\` was not checked`);
  return graph.external(tensor);
}

/** The tensors of a block. */
function layerTensors(layer: LayerSpec): Requirement[] {
  return [...layerNorms(layer).flatMap(normTensors), ...layerLinears(layer).flatMap(linearTensors)];
}

function normTensors({ weight: name, bias, size }: NormSpec): Requirement[] {
  return [name, bias].flatMap((each) => (each === null ? [] : [{ name: each, shape: [size] }]));
}

function linearTensors({
  weight: name,
  bias,
  inputs,
  outputs,
  transposed,
}: LinearSpec): Requirement[] {
  const weights = { name, shape: transposed ? [inputs, outputs] : [outputs, inputs] };
  return bias === null ? [weights] : [weights, { name: bias, shape: [outputs] }];
}
