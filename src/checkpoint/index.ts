export {
  type Checkpoint,
  type CheckpointReport,
  inspectCheckpoint,
  openCheckpoint,
  readFingerprint,
} from './checkpoint.ts';
export type { CheckpointFacts } from './facts.ts';
export { type NameFacts, parseName, type Stage } from './name.ts';
export { chooseRender, compareOrder, type OrderedFacts } from './order.ts';
export { readModelConfig } from './survey.ts';
export { loadTokenizer, type PromptTokenizer } from './tokenizer.ts';
