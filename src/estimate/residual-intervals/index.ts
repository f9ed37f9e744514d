export { adaptAlpha, adaptiveInterval, type AdaptiveInterval } from './adaptive.ts';
export {
  type Residual,
  residualInterval,
  type ResidualInterval,
  type ResidualOptions,
} from './conformal.ts';
