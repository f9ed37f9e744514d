import type { Dtype } from './tensor.ts';

/** ONNX tells an int from a float attribute, which a JavaScript number cannot: the table does. */
export type AttributeKind = 'int' | 'float' | 'ints' | 'string';

/** dtype of an output: of the first operand, of the second one, or a fixed one. */
export type ResultDtype = 'first' | 'second' | Dtype;

/**
 * The operators that graphs may use, with their attributes. They follow docs/Operators.md of ONNX (opset 23) and
 * docs/ContribOperators.md of onnxruntime.
 */
export const OPERATORS = {
  Abs: {},
  Add: {},
  And: {},
  ArgMax: { axis: 'int', keepdims: 'int', select_last_index: 'int' },
  Attention: {
    is_causal: 'int',
    q_num_heads: 'int',
    kv_num_heads: 'int',
    scale: 'float',
    softcap: 'float',
  },
  Cast: { to: 'int' },
  Clip: {},
  Concat: { axis: 'int' },
  Div: {},
  Equal: {},
  Erf: {},
  Exp: {},
  Expand: {},
  Gather: { axis: 'int' },
  GatherElements: { axis: 'int' },
  GatherND: { batch_dims: 'int' },
  Gelu: { approximate: 'string' },
  Gemm: { alpha: 'float', beta: 'float', transA: 'int', transB: 'int' },
  Greater: {},
  GreaterOrEqual: {},
  Identity: {},
  LayerNormalization: { axis: 'int', epsilon: 'float' },
  Less: {},
  LessOrEqual: {},
  Log: {},
  LogSoftmax: { axis: 'int' },
  MatMul: {},
  Max: {},
  Min: {},
  Mul: {},
  Neg: {},
  Not: {},
  OneHot: { axis: 'int' },
  Or: {},
  Pow: {},
  QuantizeLinear: { axis: 'int' },
  RMSNormalization: { axis: 'int', epsilon: 'float' },
  Range: {},
  Reciprocal: {},
  ReduceMax: { keepdims: 'int' },
  ReduceMean: { keepdims: 'int' },
  ReduceMin: { keepdims: 'int' },
  ReduceSum: { keepdims: 'int' },
  ReduceSumSquare: { keepdims: 'int' },
  Relu: {},
  Reshape: { allowzero: 'int' },
  RotaryEmbedding: { interleaved: 'int', num_heads: 'int', rotary_embedding_dim: 'int' },
  Shape: { start: 'int', end: 'int' },
  Sigmoid: {},
  SimplifiedLayerNormalization: { axis: 'int', epsilon: 'float' },
  Slice: {},
  Softmax: { axis: 'int' },
  Softplus: {},
  Split: { axis: 'int', num_outputs: 'int' },
  Sqrt: {},
  Squeeze: {},
  Sub: {},
  Tanh: {},
  TopK: { axis: 'int', largest: 'int', sorted: 'int' },
  Transpose: { perm: 'ints' },
  Unsqueeze: {},
  Where: {},
  FusedMatMul: { alpha: 'float', transA: 'int', transB: 'int' },
  GroupQueryAttention: {
    num_heads: 'int',
    kv_num_heads: 'int',
    scale: 'float',
    softcap: 'float',
    local_window_size: 'int',
    smooth_softmax: 'int',
  },
  MatMulIntegerToFloat: {},
  QuickGelu: { alpha: 'float' },
  SkipSimplifiedLayerNormalization: { epsilon: 'float' },
} as const;

export type OperatorName = keyof typeof OPERATORS;

type AttributeValue = { int: number; float: number; ints: readonly number[]; string: string };

/** The attributes that an operator takes, all optional: what is left out has the default of its specification. */
export type AttributesOf<N extends OperatorName> = {
  readonly [K in keyof (typeof OPERATORS)[N]]?: (typeof OPERATORS)[N][K] extends AttributeKind
    ? AttributeValue[(typeof OPERATORS)[N][K]]
    : never;
};

/** Operators of onnxruntime's own domain `com.microsoft`; all others are of ONNX. */
export const CONTRIBUTED: ReadonlySet<OperatorName> = new Set<OperatorName>([
  'FusedMatMul',
  'GroupQueryAttention',
  'MatMulIntegerToFloat',
  'QuickGelu',
  'SkipSimplifiedLayerNormalization',
]);

/** dtypes of the outputs, one an output, where they are not those of the first operand. */
export const RESULTS: Readonly<Partial<Record<OperatorName, readonly ResultDtype[]>>> = {
  And: ['bool'],
  ArgMax: ['int64'],
  Equal: ['bool'],
  Greater: ['bool'],
  GreaterOrEqual: ['bool'],
  Less: ['bool'],
  LessOrEqual: ['bool'],
  MatMulIntegerToFloat: ['float32'],
  Not: ['bool'],
  Or: ['bool'],
  QuantizeLinear: ['uint8'],
  Shape: ['int64'],
  TopK: ['first', 'int64'],
  Where: ['second'],
};
