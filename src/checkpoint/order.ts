import type { Stage } from './name.ts';

const STAGE_ORDER: readonly Stage[] = ['pretrain', 'midtrain', 'sft', 'dpo', 'rl'];

export type OrderedFacts = { stage: Stage | null; tokens: number | null; step: number | null };

/**
 * Order within a run: stage, tokens, step. What is not known comes first; an unknown stage counts as the first one,
 * so that base checkpoints without a stage in their names stand before fine-tuned ones.
 */
export function compareOrder(a: OrderedFacts, b: OrderedFacts): number {
  return (
    stageRank(a.stage) - stageRank(b.stage) ||
    compareNumbers(a.tokens, b.tokens) ||
    compareNumbers(a.step, b.step)
  );
}

function stageRank(stage: Stage | null): number {
  return stage === null ? 0 : STAGE_ORDER.indexOf(stage);
}

function compareNumbers(a: number | null, b: number | null): number {
  return Math.sign((a ?? -1) - (b ?? -1));
}

/** `messages` only after fine-tuning, where the item has them and the checkpoint can render them. */
export function chooseRender(
  asked: 'auto' | 'prompt' | 'messages',
  stage: Stage | null,
  hasTemplate: boolean,
  itemHasMessages: boolean,
): 'prompt' | 'messages' {
  if (asked !== 'auto') return asked;
  const postTrained = stage === 'sft' || stage === 'dpo' || stage === 'rl';
  return postTrained && hasTemplate && itemHasMessages ? 'messages' : 'prompt';
}
