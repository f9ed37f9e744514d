export {
  add,
  clip,
  divide,
  erf,
  exponential,
  gelu,
  geluTanh,
  logarithm,
  multiply,
  negate,
  power,
  relu,
  scale,
  shift,
  sigmoid,
  softplus,
  squareRoot,
  subtract,
  tanh,
  where,
} from './elementwise.ts';
export { gradients } from './gradients.ts';
export { concat, expand, gather, reduceSum, reshape, slice, transpose } from './layout.ts';
export { layerNorm, logSoftmax, reduceMean, rmsNorm, softmax } from './normalise.ts';
export { linear, product, type Transposed } from './products.ts';
export { type Shape, Tape, type Traced } from './tape.ts';
