import type { CheckedCheckpoint } from '../checked-checkpoint.ts';
import type { Exporter } from './exporter.ts';
import { replaceText } from './text-file.ts';

/** One line a checkpoint and task, in training order; the file is always whole. */
export function jsonlExporter(path: string): Exporter {
  return {
    name: 'jsonl',
    write: ({ checkpoints }) => replaceText(path, checkpoints.flatMap(linesOf).join('')),
  };
}

function linesOf({ tasks, modifiedAt, ...checkpoint }: CheckedCheckpoint): string[] {
  const writtenAt = modifiedAt === null ? null : new Date(modifiedAt).toISOString();
  return tasks.map((task) => `${JSON.stringify({ ...checkpoint, writtenAt, ...task })}\n`);
}
