import { join } from 'node:path';
import { quoteValue } from '../safetensors/index.ts';
import { UserError } from '../error/index.ts';
import { JSON_LIMITS, readJsonIfPresent } from './json-file.ts';

export type TrainerState = { step: number | null; tokens: number | null; flops: number | null };

/**
 * Step, tokens and FLOPs as the Hugging Face Trainer records them; null where there is no `trainer_state.json`.
 *
 * The Trainer writes 0 for tokens and FLOPs that it does not count (`include_num_input_tokens_seen` is off by default),
 * so 0 after the first step means unknown.
 */
export async function readTrainerState(dir: string): Promise<TrainerState | null> {
  const path = join(dir, 'trainer_state.json');
  // A diverged loss or gradient in `log_history`, which nothing here reads.
  const state = await readJsonIfPresent(path, JSON_LIMITS.trainerState, { nonFiniteAsNull: true });
  if (state === null) return null;
  const step = readCount(state, 'global_step', path);
  const counted = (value: number | null): number | null =>
    value === 0 && step !== 0 ? null : value;
  return {
    step,
    tokens: counted(readCount(state, 'num_input_tokens_seen', path)),
    flops: counted(readNumber(state, 'total_flos', path)),
  };
}

function readNumber(state: Record<string, unknown>, key: string, path: string): number | null {
  const value = state[key];
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw new UserError(
    `\`trainer_state.json\`: expected \`${key}\` to be a number from 0 on, found ${quoteValue(value)} (in ${path})`,
  );
}

function readCount(state: Record<string, unknown>, key: string, path: string): number | null {
  const value = readNumber(state, key, path);
  if (value === null || Number.isSafeInteger(value)) return value;
  throw new UserError(
    `\`trainer_state.json\`: expected \`${key}\` to be whole, found ${value} (in ${path})`,
  );
}
