import { UserError } from '../error/index.ts';
import type { SamplePrompt, TokenisedPrompt } from './provider.ts';

export type Limits = {
  /** Names the checkpoint in messages. */
  readonly checkpoint: string;
  /** Longest sequence in tokens; null knows no limit. */
  readonly contextLength: number | null;
  /** Rows of the embedding table. */
  readonly vocabulary: number;
};

/** Throws `UserError` at the first prompt that the model cannot read as a whole. */
export function checkPrompts(prompts: readonly TokenisedPrompt[], limits: Limits): void {
  const { checkpoint, contextLength, vocabulary } = limits;
  for (const { id, ids } of prompts) {
    if (ids.length === 0) {
      throw new UserError(`\`${checkpoint}\`: the prompt of item \`${id}\` has no token`);
    }
    if (contextLength !== null && ids.length > contextLength) {
      throw new UserError(
        `\`${checkpoint}\`: prompt longer than the model's context: item \`${id}\` has ${ids.length} tokens, ` +
          `the model was made for ${contextLength} (\`max_position_embeddings\`); shorten or leave out the item`,
      );
    }
    const unknown = ids.find((token) => token < 0 || token >= vocabulary);
    if (unknown !== undefined) {
      throw new UserError(
        `\`${checkpoint}\`: item \`${id}\` holds token ${unknown}, the model has ${vocabulary}; ` +
          'tokenizer.json and the weights are not of one model',
      );
    }
  }
}

/** As `checkPrompts`, with room for the answer. */
export function checkSamplePrompts(prompts: readonly SamplePrompt[], limits: Limits): void {
  checkPrompts(prompts, limits);
  const { checkpoint, contextLength } = limits;
  for (const { id, ids, maxTokens } of prompts) {
    if (!Number.isSafeInteger(maxTokens) || maxTokens < 1) {
      throw new UserError(
        `\`${checkpoint}\`: expected \`maxTokens\` of item \`${id}\` to be a whole number from 1, got ${maxTokens}`,
      );
    }
    if (contextLength !== null && ids.length + maxTokens > contextLength) {
      throw new UserError(
        `\`${checkpoint}\`: prompt longer than the model's context: item \`${id}\` has ${ids.length} tokens and asks ` +
          `for up to ${maxTokens} more, the model was made for ${contextLength} (\`max_position_embeddings\`)`,
      );
    }
  }
}
