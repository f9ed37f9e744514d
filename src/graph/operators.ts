import type { Dtype } from './tensor.ts';

/**
 * The operators that graphs may use: their domain, attributes with ONNX type, and the dtype of what comes out.
 * ONNX tells an int from a float attribute, which a JavaScript number cannot: this table does. It follows
 * docs/Operators.md of ONNX (opset 23) and docs/ContribOperators.md of onnxruntime (`com.microsoft`).
 */
type AttributeKind = 'int' | 'float' | 'ints' | 'string';

export type ResultDtype = 'first' | 'second' | Dtype;

type OperatorSpec = {
  readonly domain: '' | 'com.microsoft';
  readonly attributes: Readonly<Record<string, AttributeKind>>;
  /** dtype of the outputs: of the first input, of the second one, or a fixed one; a list names one an output. */
  readonly result: ResultDtype | readonly ResultDtype[];
};

const op = <const A extends Record<string, AttributeKind>>(
  attributes: A,
  result: OperatorSpec['result'] = 'first',
): { domain: ''; attributes: A; result: OperatorSpec['result'] } => ({
  domain: '',
  attributes,
  result,
});

const contrib = <const A extends Record<string, AttributeKind>>(
  attributes: A,
): { domain: 'com.microsoft'; attributes: A; result: 'first' } => ({
  domain: 'com.microsoft',
  attributes,
  result: 'first',
});

const table = {
  Abs: op({}),
  Add: op({}),
  And: op({}, 'bool'),
  ArgMax: op({ axis: 'int', keepdims: 'int', select_last_index: 'int' }, 'int64'),
  Attention: op({
    is_causal: 'int',
    q_num_heads: 'int',
    kv_num_heads: 'int',
    scale: 'float',
    softcap: 'float',
  }),
  Cast: op({ to: 'int' }),
  Clip: op({}),
  Concat: op({ axis: 'int' }),
  Div: op({}),
  Equal: op({}, 'bool'),
  Erf: op({}),
  Exp: op({}),
  Expand: op({}),
  Gather: op({ axis: 'int' }),
  GatherElements: op({ axis: 'int' }),
  GatherND: op({ batch_dims: 'int' }),
  Gelu: op({ approximate: 'string' }),
  Gemm: op({ alpha: 'float', beta: 'float', transA: 'int', transB: 'int' }),
  Greater: op({}, 'bool'),
  GreaterOrEqual: op({}, 'bool'),
  Identity: op({}),
  LayerNormalization: op({ axis: 'int', epsilon: 'float' }),
  Less: op({}, 'bool'),
  LessOrEqual: op({}, 'bool'),
  Log: op({}),
  LogSoftmax: op({ axis: 'int' }),
  MatMul: op({}),
  Max: op({}),
  Min: op({}),
  Mul: op({}),
  Neg: op({}),
  Not: op({}, 'bool'),
  Or: op({}, 'bool'),
  Pow: op({}),
  RMSNormalization: op({ axis: 'int', epsilon: 'float' }),
  Range: op({}),
  Reciprocal: op({}),
  ReduceMax: op({ keepdims: 'int' }),
  ReduceMean: op({ keepdims: 'int' }),
  ReduceSum: op({ keepdims: 'int' }),
  ReduceSumSquare: op({ keepdims: 'int' }),
  Relu: op({}),
  Reshape: op({ allowzero: 'int' }),
  RotaryEmbedding: op({ interleaved: 'int', num_heads: 'int', rotary_embedding_dim: 'int' }),
  Shape: op({ start: 'int', end: 'int' }, 'int64'),
  Sigmoid: op({}),
  SimplifiedLayerNormalization: op({ axis: 'int', epsilon: 'float' }),
  Slice: op({}),
  Softmax: op({ axis: 'int' }),
  Softplus: op({}),
  Split: op({ axis: 'int', num_outputs: 'int' }),
  Sqrt: op({}),
  Squeeze: op({}),
  Sub: op({}),
  Tanh: op({}),
  TopK: op({ axis: 'int', largest: 'int', sorted: 'int' }, ['first', 'int64']),
  Transpose: op({ perm: 'ints' }),
  Unsqueeze: op({}),
  Where: op({}, 'second'),
  DynamicQuantizeMatMul: contrib({}),
  FusedMatMul: contrib({ alpha: 'float', transA: 'int', transB: 'int' }),
  GroupQueryAttention: contrib({
    num_heads: 'int',
    kv_num_heads: 'int',
    scale: 'float',
    softcap: 'float',
    local_window_size: 'int',
    smooth_softmax: 'int',
  }),
  QuickGelu: contrib({ alpha: 'float' }),
  SkipSimplifiedLayerNormalization: contrib({ epsilon: 'float' }),
} satisfies Record<string, OperatorSpec>;

export type OperatorName = keyof typeof table;

type AttributeValue = { int: number; float: number; ints: readonly number[]; string: string };

/** The attributes that an operator takes, all optional: what is left out has the default of its specification. */
export type AttributesOf<N extends OperatorName> = {
  readonly [K in keyof (typeof table)[N]['attributes']]?: (typeof table)[N]['attributes'][K] extends AttributeKind
    ? AttributeValue[(typeof table)[N]['attributes'][K]]
    : never;
};

export const OPERATORS: Readonly<Record<OperatorName, OperatorSpec>> = table;
