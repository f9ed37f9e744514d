export { checkDevice } from './device.ts';
export * from './gradient/index.ts';
export { GraphBuilder, type Operand, type Value } from './graph-builder.ts';
export type { AttributesOf, OperatorName } from './operators.ts';
export { createSession, type Device, type Session, type SessionOptions } from './session.ts';
export {
  type Dtype,
  elementCount,
  type ExternalTensor,
  float32,
  float64,
  int32,
  int64,
  scalar,
  type Tensor,
  type TensorData,
} from './tensor.ts';
