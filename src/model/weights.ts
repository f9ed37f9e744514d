import { UserError } from '../error/index.ts';
import type { ExternalTensor, GraphBuilder, Value } from '../graph/index.ts';
import type { LayerSpec, LinearSpec, ModelSpec, NormSpec } from './model-spec.ts';

/** A checkpoint's tensors by name. */
export type Tensors = ReadonlyMap<string, ExternalTensor>;

const WEIGHT_TYPES: readonly string[] = ['F32', 'BF16', 'F16', 'F64'];

export type Requirement = { readonly name: string; readonly shape: readonly number[] };

/** The tensors that the model is made of, with the shapes that its config implies; the rest of a file is not looked at. */
export function requiredTensors(spec: ModelSpec): Requirement[] {
  return [
    { name: spec.embedding, shape: [spec.vocabulary, spec.hidden] },
    ...spec.layers.flatMap(layerTensors),
    ...normTensors(spec.finalNorm),
    ...linearTensors(spec.head),
  ];
}

/** Throws `UserError` at the first tensor that is missing, has another shape, or a type that is not a weight's. */
export function checkTensors(spec: ModelSpec, tensors: Tensors, where: string): void {
  checkRequired(requiredTensors(spec), tensors, where);
}

/** As `checkTensors`, for some tensors. */
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
  const { attention, mlp } = layer;
  return [
    ...[layer.attentionNorm, layer.attentionOutputNorm, layer.mlpNorm, layer.mlpOutputNorm],
    ...[attention.queryNorm, attention.keyNorm],
  ]
    .flatMap((norm) => (norm === null ? [] : normTensors(norm)))
    .concat(
      [attention.query, attention.key, attention.value, attention.output].flatMap(linearTensors),
      [mlp.gate, mlp.up, mlp.down].flatMap(linearTensors),
    );
}

function normTensors(norm: NormSpec): Requirement[] {
  return [{ name: norm.weight, shape: [norm.size] }];
}

function linearTensors(linear: LinearSpec): Requirement[] {
  const weights = { name: linear.weight, shape: [linear.outputs, linear.inputs] };
  return linear.bias === null
    ? [weights]
    : [weights, { name: linear.bias, shape: [linear.outputs] }];
}
