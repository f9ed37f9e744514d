import { int64, type Tensor } from '../../graph/index.ts';
import type { Branch } from './branches.ts';

export type DecodeBatch = {
  /** Ordered by prompt; each ends in the token to be read next. */
  readonly branches: readonly Branch[];
  /** Tokens of each prompt. */
  readonly promptLengths: readonly number[];
  /** Tokens that the prompts' cache holds for each, padding included. */
  readonly promptTokens: number;
  /** Room of the suffix cache. */
  readonly suffixTokens: number;
};

/** The index feeds of a decode run: see `buildDecode`. */
export function decodeFeeds(batch: DecodeBatch): Record<string, Tensor> {
  const { branches, promptLengths } = batch;
  const rows = branches.length;
  const prompts = promptLengths.length;
  const filled = new Int32Array(prompts);
  for (const { prompt } of branches) filled[prompt]! += 1;
  const slots = filled.reduce((largest, count) => Math.max(largest, count), 1);
  const positions = branches.map(
    ({ prompt, tokens }) => promptLengths[prompt]! + tokens.length - 1,
  );
  const slotOfRow = new Int32Array(rows);
  const rowOfSlot = new Int32Array(prompts * slots);
  const slotPositions = new Int32Array(prompts * slots);
  filled.fill(0);
  for (const [row, { prompt }] of branches.entries()) {
    const slot = prompt * slots + filled[prompt]!;
    filled[prompt]! += 1;
    slotOfRow[row] = slot;
    rowOfSlot[slot] = row;
    slotPositions[slot] = positions[row]!;
  }
  const range = (length: number): Tensor => int64(Int32Array.from({ length }, (_, i) => i));
  return {
    ids: int64(
      branches.map(({ tokens }) => tokens[tokens.length - 1]!),
      [1, rows],
    ),
    positions: int64(positions, [1, rows]),
    promptOfRow: int64(branches.map(({ prompt }) => prompt)),
    promptLengths: int64(promptLengths),
    slotOfRow: int64(slotOfRow),
    rowOfSlot: int64(rowOfSlot, [prompts, slots]),
    slotPositions: int64(slotPositions, [prompts, slots]),
    promptIndex: range(batch.promptTokens),
    suffixIndex: range(batch.suffixTokens),
  };
}
