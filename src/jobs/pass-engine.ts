import type { Checkpoint } from '../checkpoint/index.ts';
import {
  choosePassMode,
  type LocalEngine,
  openLocalEngine,
  type Precision,
} from '../engine/index.ts';
import { readModelSpec } from '../model/index.ts';
import type { JobContext } from './progress.ts';

/**
 * An engine that keeps within what the context allows a pass; says how it goes through the model.
 *
 * @throws UserError where the model cannot be run, or not in so little memory.
 */
export async function openPassEngine(
  opened: Checkpoint,
  precision: Precision,
  context: JobContext,
): Promise<LocalEngine> {
  const spec = readModelSpec(opened.config, opened.dir);
  const { text, options } = choosePassMode(
    { id: opened.id, spec },
    { precision, ...context.limits },
  );
  context.note(`${opened.id}: ${precision === 'int8' ? 'int8, ' : ''}${text}`);
  return await openLocalEngine(opened, { precision, ...options });
}
