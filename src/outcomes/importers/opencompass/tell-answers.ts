import type { ImportOptions } from '../../importer.ts';
import { logItem, logItemId, logTask } from '../../log/log-task.ts';
import type { Graded } from './grade-rows.ts';
import type { Placed } from './read-files.ts';

/** Tells listeners of the question and the answer at a place of the file; replicas stand behind each other. */
export function createTeller(given: {
  graded: Graded;
  options: ImportOptions;
  task: string;
  checkpoint: string;
}): (placed: Placed) => void {
  const { graded, options, checkpoint } = given;
  const task = logTask({ name: given.task });
  return ({ place, entry: { prompt, answer } }) => {
    const found = graded.byPlace.get(place % graded.size);
    if (found === undefined) return;
    const replica = Math.floor(place / graded.size);
    const id = logItemId(task.name, found.id);
    if (prompt !== null) {
      const { prompt: text, messages } = prompt;
      const item = logItem({
        task: task.name,
        id,
        prompt: text,
        messages,
        target: found.row.target,
      });
      options.onQuestion?.({ item, task });
    }
    if (answer === null) return;
    options.onAnswer?.({
      task: task.name,
      item: id,
      checkpoint,
      filter: graded.filter,
      sample: replica,
      answer,
      extracted: found.row.extracted[replica] ?? null,
      grade: found.grades[replica] ?? null,
    });
  };
}
