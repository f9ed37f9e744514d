export {
  type Checkpoint,
  type CheckpointReport,
  inspectCheckpoint,
  openCheckpoint,
} from './checkpoint.ts';
export type { CheckpointFacts } from './facts.ts';
export type { Stage } from './name.ts';
export { chooseRender, compareOrder, type OrderedFacts } from './order.ts';
export { isCheckpointDir, readModelConfig } from './survey.ts';
export { loadTokenizer, type PromptTokenizer } from './tokenizer.ts';
