/** What makes a probe's word doubtful: drift, another stage, intervals too wide. One alert for all tasks of a suite. */
import type { CheckedCheckpoint, CheckedTask } from '../checked-checkpoint.ts';
import type { MeasuredTasks } from '../measured-tasks.ts';
import type { Episode } from './episode.ts';

type StateKind = 'drift' | 'stage-break' | 'remeasure';

/** So many checkpoints in a row without it end it. */
const CLEAR = 2;

const mostNames = 5;

const none: ReadonlySet<string> = new Set();

export function probeStateEpisodes(
  kind: StateKind,
  checkpoints: readonly CheckedCheckpoint[],
  measured: MeasuredTasks,
): Episode[] {
  const episodes: Episode[] = [];
  let open: Episode | null = null;
  let clear = 0;
  for (const { checkpoint, tasks } of checkpoints) {
    const concerned = tasksOf(kind, tasks, measured.get(checkpoint) ?? none);
    clear = concerned.length > 0 ? 0 : clear + 1;
    if (concerned.length > 0) {
      const message = describe(kind, checkpoint, { concerned, of: tasks.length });
      const begun: ReturnType<typeof begin> = open ?? begin(kind, checkpoint);
      const names = concerned.map(({ task }) => task);
      const all = [...new Set([...begun.tasks, ...names])].sort();
      open = { ...begun, tasks: all, lastSeen: checkpoint, message };
    } else if (open !== null && clear >= CLEAR) {
      episodes.push({ ...open, closed: checkpoint });
      open = null;
    }
  }
  return open === null ? episodes : [...episodes, open];
}

function begin(kind: StateKind, opened: string): Omit<Episode, 'lastSeen' | 'message'> {
  const numbers = { value: null, reference: null, threshold: null };
  return { kind, task: null, tasks: [], opened, closed: null, ...numbers };
}

/** What is new to the probe is new of the checkpoint, and so of all its tasks; else of a task alone. */
function tasksOf(
  kind: StateKind,
  tasks: readonly CheckedTask[],
  measured: ReadonlySet<string>,
): CheckedTask[] {
  const isBreak = tasks.length > 0 && tasks.every(({ status }) => status === 'remeasure');
  return tasks.filter(({ task, status, remeasure }) => {
    if (kind === 'drift') return status === 'drift';
    if (kind === 'stage-break') return isBreak;
    const isDoubtful = status === 'remeasure' || (status === 'ok' && remeasure.advised);
    return !isBreak && isDoubtful && !measured.has(task);
  });
}

function describe(
  kind: StateKind,
  checkpoint: string,
  { concerned, of }: { readonly concerned: readonly CheckedTask[]; readonly of: number },
): string {
  const [first] = concerned;
  const more = concerned.length > mostNames ? ` and ${concerned.length - mostNames} more` : '';
  const names = `${concerned
    .slice(0, mostNames)
    .map(({ task }) => task)
    .join(', ')}${more}`;
  if (kind === 'stage-break') {
    return `${checkpoint} is another kind of checkpoint than the probe knows (${first?.reason ?? 'unknown'}): measure it again, and fit the probe with it`;
  }
  if (kind === 'drift') {
    return `drift at ${checkpoint} on ${concerned.length} of ${of} tasks (${names}): ${first?.reason ?? ''}`;
  }
  const labels = concerned.reduce((sum, task) => sum + (task.remeasure.labels ?? task.items), 0);
  return `${checkpoint}: ${names} should be measured again; ${labels} labels bring the intervals to 10 points`;
}
