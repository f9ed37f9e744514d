/** Element types of graph values. `bfloat16` exists for initialisers and inside a graph: never as its input or output. */
export type Dtype =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int64'
  | 'int32'
  | 'int8'
  | 'uint8'
  | 'bool';

/** What holds a tensor's elements in memory: float16 as raw bits in a Uint16Array, int64 as bigint, bool as 0 or 1. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Uint16Array
  | BigInt64Array
  | Int32Array
  | Int8Array
  | Uint8Array;

/** A dense tensor in row-major order; a scalar has shape `[]`. */
export type Tensor = {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: TensorData;
};

/** A tensor that stays in its file: row-major, little-endian, `byteLength` bytes from byte `offset` of `file`. */
export type ExternalTensor = {
  readonly name: string;
  /** A safetensors dtype, such as `BF16`. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Absolute path with symbolic links resolved: the runtime refuses a link that leaves its folder. */
  readonly file: string;
  readonly offset: number;
  readonly byteLength: number;
};

/** Numbers of `TensorProto.DataType` in onnx.proto. */
export const ONNX_TYPE: Readonly<Record<Dtype, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
};

const SAFETENSORS_TYPE: Readonly<Record<string, Dtype>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
};

/** The graph's name for a safetensors dtype, or null where the runtime has no such type. */
export function dtypeOfSafetensors(dtype: string): Dtype | null {
  return SAFETENSORS_TYPE[dtype] ?? null;
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function float32(data: Float32Array, shape: readonly number[] = [data.length]): Tensor {
  return { dtype: 'float32', shape, data };
}

export function float64(data: Float64Array, shape: readonly number[] = [data.length]): Tensor {
  return { dtype: 'float64', shape, data };
}

export function int32(data: Int32Array, shape: readonly number[] = [data.length]): Tensor {
  return { dtype: 'int32', shape, data };
}

/** Whole numbers as an int64 tensor: the form of shapes, axes and token ids. */
export function int64(
  values: ArrayLike<number>,
  shape: readonly number[] = [values.length],
): Tensor {
  const data = new BigInt64Array(values.length);
  for (let i = 0; i < values.length; i += 1) data[i] = BigInt(values[i]!);
  return { dtype: 'int64', shape, data };
}

/** A scalar of shape `[]`. */
export function scalar(value: number, dtype: 'float32' | 'float64' | 'int32' = 'float32'): Tensor {
  const data =
    dtype === 'float32'
      ? Float32Array.of(value)
      : dtype === 'float64'
        ? Float64Array.of(value)
        : Int32Array.of(value);
  return { dtype, shape: [], data };
}
