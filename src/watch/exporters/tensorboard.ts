import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { atomicWrite, encodeId } from '../../store/index.ts';
import type { CheckedCheckpoint } from '../checked-checkpoint.ts';
import { encodeEvents, type ScalarEvent } from './event-file.ts';
import type { Exporter } from './exporter.ts';

/**
 * A folder for TensorBoard: `<run>/<probe>/`, one file a checkpoint, written whole and never changed. TensorBoard reads a
 * folder's files in the order of their names and never goes back, so these are numbered as they are written; a checkpoint
 * whose estimates changed has a second one. Checkpoints without a step are left out: TensorBoard has no other axis.
 */
export function tensorboardExporter(folder: string): Exporter {
  const written = new Set<string>();
  return {
    name: 'tensorboard',
    async write({ checkpoints }) {
      for (const checkpoint of checkpoints) {
        const { run, probe, step, modifiedAt } = checkpoint;
        if (step === null) continue;
        const values = valuesOf(checkpoint);
        const name = createHash('sha256')
          .update(JSON.stringify([step, values]))
          .digest('hex')
          .slice(0, 16);
        const own = join(folder, encodeId(run ?? 'runs'), encodeId(probe));
        if (written.has(join(own, name))) continue;
        const wallTime = (modifiedAt ?? Date.now()) / 1000;
        await writeNew(own, name, { wallTime, step, values });
        written.add(join(own, name));
      }
    },
  };
}

function valuesOf({ suite, tasks }: CheckedCheckpoint): ScalarEvent['values'] {
  return tasks.flatMap(({ task, predicted, low, high, expected }) => {
    const of = (what: string): string => `${suite}/${task}/${what}`;
    return [
      [of('predicted'), predicted] as const,
      [of('low'), low] as const,
      [of('high'), high] as const,
      ...(expected === null ? [] : [[of('forecast'), expected.accuracy] as const]),
    ];
  });
}

const digits = 8;

async function writeNew(folder: string, name: string, event: ScalarEvent): Promise<void> {
  const files = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  const own = files.filter((file) => /^events\.out\.tfevents\.\d+\.sonde\./.test(file));
  if (own.some((file) => file.endsWith(`.${name}`))) return;
  const number = Math.max(0, ...own.map((file) => Number(file.split('.')[3] ?? 0))) + 1;
  const path = join(
    folder,
    `events.out.tfevents.${String(number).padStart(digits, '0')}.sonde.${name}`,
  );
  await atomicWrite(path, (temporary) => writeFile(temporary, encodeEvents([event])));
}
