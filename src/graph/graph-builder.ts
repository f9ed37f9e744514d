import {
  type Attribute,
  encodeModel,
  type GraphParts,
  type Initialiser,
  type Node,
  type Port,
} from './onnx-proto.ts';
import {
  type AttributeKind,
  type AttributesOf,
  CONTRIBUTED,
  OPERATORS,
  type OperatorName,
  type ResultDtype,
  RESULTS,
} from './operators.ts';
import {
  type Dtype,
  dtypeOfSafetensors,
  elementCount,
  type ExternalTensor,
  int64,
  ONNX_TYPE,
  type Tensor,
} from './tensor.ts';

/** A value inside the graph of the builder that made it. */
export type Value = { readonly name: string; readonly dtype: Dtype };

/** An operand: null leaves an optional input out. */
export type Operand = Value | null;

/**
 * Builds one ONNX graph (opset 23 and `com.microsoft`) in memory. Nodes run in any order that their operands allow.
 * Mistakes in how it is used are bugs and throw `Error`; the runtime checks shapes when the session is created.
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #nodes: Node[] = [];
  readonly #initialisers = new Map<string, Initialiser>();
  readonly #inputs: Port[] = [];
  readonly #outputs: Port[] = [];
  #count = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Declares an input; names in `shape` stand for sizes known at run time. */
  input(name: string, dtype: Dtype, shape: readonly (number | string)[]): Value {
    this.#inputs.push({ name, dtype, shape });
    return { name, dtype };
  }

  /** Declares `value` as an output called `name`. */
  output(name: string, value: Value, shape: readonly (number | string)[]): void {
    const [result] = this.#append('Identity', [value], { outputs: [name], attributes: {} });
    if (result === undefined) throw new Error(`GraphBuilder: no result for output \`${name}\``);
    this.#outputs.push({ ...result, shape });
  }

  /** A tensor inside the model itself, for small ones: everything inline must stay below 2 GiB. */
  constant(tensor: Tensor, name: string = this.#nextName('constant')): Value {
    if (tensor.data.length !== elementCount(tensor.shape)) {
      throw new Error(
        `GraphBuilder: expected ${elementCount(tensor.shape)} elements in \`${name}\` of shape ` +
          `[${tensor.shape.join(', ')}], got ${tensor.data.length}`,
      );
    }
    return this.#addInitialiser({ name, dtype: tensor.dtype, inline: tensor });
  }

  /** A tensor that stays in its file and is mapped from there; asked for twice, it is the same value. */
  external(tensor: ExternalTensor): Value {
    const dtype = dtypeOfSafetensors(tensor.dtype);
    if (dtype === null) {
      throw new Error(
        `GraphBuilder: no graph type for ${tensor.dtype} of tensor \`${tensor.name}\``,
      );
    }
    const known = this.#initialisers.get(tensor.name);
    if (known !== undefined) return { name: known.name, dtype: known.dtype };
    return this.#addInitialiser({ name: tensor.name, dtype, external: tensor });
  }

  /**
   * A tensor that `createSession` is given under the same name, for what is made in memory and may be large. The runtime maps
   * all tensors of a graph or none: where there are such ones, it wants those of `externals` given too.
   */
  given(name: string, dtype: Dtype, shape: readonly number[]): Value {
    return this.#addInitialiser({ name, dtype, given: { shape } });
  }

  /** The tensors of files that the graph has. */
  externals(): ExternalTensor[] {
    return [...this.#initialisers.values()].flatMap((each) =>
      'external' in each ? [each.external] : [],
    );
  }

  /** Axes, shapes and other whole numbers as a constant. */
  ints(...values: number[]): Value {
    const name = `ints:${values.join(',')}`;
    return this.#shared(name, () => int64(values));
  }

  /** An int64 constant of shape `[]`. */
  index(value: number): Value {
    return this.#shared(`index:${value}`, () => int64([value], []));
  }

  /** A uint8 constant of shape `[]`. */
  byte(value: number): Value {
    return this.#shared(`byte:${value}`, () => ({
      dtype: 'uint8',
      shape: [],
      data: Uint8Array.of(value),
    }));
  }

  /** A float32 constant of shape `[]`. */
  number(value: number): Value {
    return this.#shared(`float:${value}`, () => ({
      dtype: 'float32',
      shape: [],
      data: Float32Array.of(value),
    }));
  }

  /** Adds an operator with one output. */
  op<N extends OperatorName>(
    type: N,
    operands: readonly Operand[],
    attributes: AttributesOf<N> = {},
  ): Value {
    const [first] = this.ops(type, operands, { outputs: 1, attributes });
    if (first === undefined) throw new Error(`GraphBuilder: \`${type}\` without output`);
    return first;
  }

  /** Adds an operator with several outputs. All get the dtype that the operator table states. */
  ops<N extends OperatorName>(
    type: N,
    operands: readonly Operand[],
    options: { readonly outputs: number; readonly attributes?: AttributesOf<N> },
  ): Value[] {
    const outputs = Array.from({ length: options.outputs }, () => this.#nextName(type));
    return this.#append(type, operands, { outputs, attributes: options.attributes ?? {} });
  }

  /** `value` as `dtype`; itself where it already is. */
  cast(value: Value, dtype: Dtype): Value {
    if (value.dtype === dtype) return value;
    return { ...this.op('Cast', [value], { to: ONNX_TYPE[dtype] }), dtype };
  }

  /** x · wᵀ for x (…, in) and w (out, in), the layout of linear layers; without a transposed copy of w. */
  linear(x: Value, weight: Value): Value {
    return this.op('FusedMatMul', [x, weight], { transB: 1 });
  }

  /**
   * The serialised model. The runtime breaks ties by the order of nodes: a graph that casts weights as it runs, rather than
   * once when it is loaded, holds one of them at a time in float32 where its casts stand first (`castsFirst`), and all of
   * them together where they stand beside their uses.
   */
  build(options: { readonly castsFirst?: boolean } = {}): Uint8Array {
    const isCast = (node: Node): boolean =>
      node.type === 'Cast' && this.#initialisers.has(node.inputs[0] ?? '');
    const parts: GraphParts = {
      name: this.#name,
      nodes:
        options.castsFirst === true
          ? [...this.#nodes.filter(isCast), ...this.#nodes.filter((node) => !isCast(node))]
          : this.#nodes,
      initialisers: this.#placed(),
      inputs: this.#inputs,
      outputs: this.#outputs,
    };
    return encodeModel(parts);
  }

  #placed(): Initialiser[] {
    const all = [...this.#initialisers.values()];
    if (!all.some((each) => 'given' in each)) return all;
    return all.map((each) => {
      if (!('external' in each)) return each;
      const { name, dtype, external } = each;
      return { name, dtype, given: { shape: external.shape } };
    });
  }

  #append(
    type: OperatorName,
    operands: readonly Operand[],
    { outputs, attributes }: { outputs: readonly string[]; attributes: object },
  ): Value[] {
    this.#nodes.push({
      type,
      domain: CONTRIBUTED.has(type) ? 'com.microsoft' : '',
      inputs: operands.map((operand) => operand?.name ?? ''),
      outputs,
      attributes: typedAttributes(type, attributes),
    });
    return outputs.map((name, i) => ({
      name,
      dtype: resultDtype(RESULTS[type]?.[i] ?? 'first', operands),
    }));
  }

  #addInitialiser(initialiser: Initialiser): Value {
    if (this.#initialisers.has(initialiser.name)) {
      throw new Error(`GraphBuilder: two initialisers named \`${initialiser.name}\``);
    }
    this.#initialisers.set(initialiser.name, initialiser);
    return { name: initialiser.name, dtype: initialiser.dtype };
  }

  #shared(name: string, make: () => Tensor): Value {
    const known = this.#initialisers.get(name);
    return known === undefined ? this.constant(make(), name) : { name, dtype: known.dtype };
  }

  #nextName(prefix: string): string {
    this.#count += 1;
    return `${prefix}_${this.#count}`;
  }
}

function resultDtype(result: ResultDtype, operands: readonly Operand[]): Dtype {
  if (result !== 'first' && result !== 'second') return result;
  const source = operands[result === 'first' ? 0 : 1];
  if (source === null || source === undefined)
    throw new Error('GraphBuilder: the operand that gives the dtype is missing');
  return source.dtype;
}

function typedAttributes(type: OperatorName, values: object): Record<string, Attribute> {
  const kinds: Readonly<Record<string, AttributeKind>> = OPERATORS[type];
  const attributes: Record<string, Attribute> = {};
  for (const [name, value] of Object.entries(values) as [string, unknown][]) {
    const kind = kinds[name];
    if (value === undefined) continue;
    if (kind === 'string' && typeof value === 'string') attributes[name] = { kind, value };
    else if (kind === 'ints' && Array.isArray(value)) {
      attributes[name] = { kind, value: value as readonly number[] };
    } else if ((kind === 'int' || kind === 'float') && typeof value === 'number') {
      attributes[name] = { kind, value };
    } else throw new Error(`GraphBuilder: \`${type}\` has no attribute \`${name}\` of that type`);
  }
  return attributes;
}
