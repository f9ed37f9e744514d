export { howMany, withinRun } from './names.ts';
export {
  absent,
  count,
  countTick,
  flops,
  flopsTick,
  interval,
  plain,
  points,
  pValue,
  signedPoints,
  whole,
} from './numbers.ts';
export { moment } from './times.ts';
