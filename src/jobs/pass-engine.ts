import type { Checkpoint } from '../checkpoint/index.ts';
import {
  type AnswerKind,
  chooseAnswerMode,
  choosePassMode,
  type LocalEngine,
  openLocalEngine,
  type Precision,
} from '../engine/index.ts';
import { readModelSpec } from '../model/index.ts';
import type { JobContext } from './progress.ts';
import type { AskedPrompts } from './state-pass.ts';

/**
 * An engine that keeps within what the context allows a pass over the prompts; says how it goes through the model.
 *
 * @throws UserError where the model cannot be run, or not in so little memory.
 */
export async function openPassEngine(
  { opened, prompts }: Pick<AskedPrompts, 'opened' | 'prompts'>,
  precision: Precision,
  context: JobContext,
): Promise<LocalEngine> {
  const spec = readModelSpec(opened.config, opened.dir);
  const longest = prompts.reduce((most, { ids }) => Math.max(most, ids.length), 0);
  const { text, options } = choosePassMode(
    { id: opened.id, spec },
    { precision, longest, ...context.limits },
  );
  const engine = await openLocalEngine(opened, { precision, ...options });
  context.note(`${opened.id}: ${precision === 'int8' ? 'int8, ' : ''}${text}`);
  return engine;
}

/**
 * The same for answers, which take all weights in memory.
 *
 * @throws UserError where the model cannot be run, or not in so little memory.
 */
export async function openAnswerEngine(
  opened: Checkpoint,
  kind: AnswerKind,
  context: JobContext,
): Promise<LocalEngine> {
  const spec = readModelSpec(opened.config, opened.dir);
  const { text, options } = chooseAnswerMode({ id: opened.id, spec }, { kind, ...context.limits });
  const engine = await openLocalEngine(opened, options);
  context.note(`${opened.id}: ${text}`);
  return engine;
}

/** How states came about, for the file that keeps them. All devices compute in float32: their states are of one kind. */
export function passMetadata(
  precision: Precision,
  { limits }: JobContext,
): Readonly<Record<string, string>> {
  const device = limits?.device ?? 'cpu';
  return { precision, ...(device === 'cpu' ? {} : { device }) };
}
