import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import PQueue from 'p-queue';
import type { ProgressListener } from '../jobs/index.ts';
import type { JobRecord, Store } from '../store/index.ts';
import type { FromJobProcess } from './job-process.ts';
import type { Job } from './job.ts';
import type { JobRunner } from './job-runner.ts';
import { crashedRecord } from './perform-job.ts';

export type ProcessRunnerOptions = {
  /** Processes at a time; each runs a model on its share of the cores. @default 1 */
  readonly concurrency?: number;
  /** The folder from which relative paths and `sonde.yaml` are looked for. */
  readonly cwd: string;
  readonly note: (text: string) => void;
  readonly progress: ProgressListener;
  /** The file that the processes run. @default the built one beside this */
  readonly entry?: string;
};

/** Steps after which a process is replaced: native libraries keep some of what they took. */
const stepsOfAProcess = 200;

/** Milliseconds a process has to end after the batch it is in; what it computes is kept batch by batch. */
const graceMs = 30_000;

/** Does steps in child processes of this one, which are kept for the next step. */
export function createProcessRunner(store: Store, given: ProcessRunnerOptions): JobRunner {
  const { concurrency = 1 } = given;
  const options = { ...given, note: sayOnce(given.note) };
  const idle: JobProcess[] = [];
  const busy = new Set<JobProcess>();
  const queue = new PQueue({ concurrency });
  const performBy = async (
    process: JobProcess,
    job: Job,
    signal: AbortSignal,
  ): Promise<JobRecord | null> => {
    busy.add(process);
    try {
      const record = await process.perform(job, signal);
      // Its process ended by the signal, which is ours.
      if (record === null) signal.throwIfAborted();
      return record;
    } finally {
      busy.delete(process);
      if (process.isUsable()) idle.push(process);
      else await process.stop();
    }
  };
  const perform = async (job: Job, signal: AbortSignal): Promise<JobRecord> => {
    signal.throwIfAborted();
    const kept = idle.pop();
    const record = kept === undefined ? null : await performBy(kept, job, signal);
    if (record !== null) return record;
    // One that was kept may have ended unseen, or of what earlier steps left: a crash counts in a new one.
    const process = startProcess(store, options);
    return (await performBy(process, job, signal)) ?? (await recordCrash(store, job, process));
  };
  return {
    concurrency,
    run: (job, signal) =>
      queue.add(() => perform(job, signal), { priority: -job.priority, signal }),
    async [Symbol.asyncDispose]() {
      await Promise.all([...idle.splice(0), ...busy].map((process) => process.stop()));
    },
  };
}

async function recordCrash(store: Store, job: Job, process: JobProcess): Promise<JobRecord> {
  const record = crashedRecord(job, await store.jobs.read(job.id), process.lastWords());
  await store.jobs.write(record);
  return record;
}

type JobProcess = {
  /** The record; null where the process ended, or was interrupted. */
  perform(job: Job, signal: AbortSignal): Promise<JobRecord | null>;
  isUsable(): boolean;
  /** How it ended, and the last it wrote. */
  lastWords(): string;
  stop(): Promise<void>;
};

function startProcess(store: Store, options: ProcessRunnerOptions): JobProcess {
  const entry =
    options.entry ?? fileURLToPath(new URL('../runner/job-process.js', import.meta.url));
  const threads = Math.max(1, Math.floor(availableParallelism() / (options.concurrency ?? 1)));
  const child = fork(entry, [store.dir, options.cwd, `${threads}`], {
    cwd: options.cwd,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const tail = keepTail(child);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  let done = 0;
  let isEnding = false;
  return {
    perform(job, signal) {
      done += 1;
      const interrupt = (): void => {
        isEnding = true;
        child.kill('SIGTERM');
      };
      signal.addEventListener('abort', interrupt, { once: true });
      const result = new Promise<JobRecord | null>((resolve) => {
        const listen = (message: unknown): void => {
          const told = message as FromJobProcess;
          if (told.type === 'note') options.note(told.text);
          else if (told.type === 'progress') options.progress(told.step);
          else {
            child.off('message', listen);
            resolve(told.type === 'record' ? told.record : null);
          }
        };
        child.on('message', listen);
        void ended.then(() => resolve(null));
        child.send({ job }, (error) => {
          if (error !== null) resolve(null);
        });
      });
      return result.finally(() => signal.removeEventListener('abort', interrupt));
    },
    isUsable: () =>
      !isEnding &&
      child.exitCode === null &&
      child.signalCode === null &&
      child.connected &&
      done < stepsOfAProcess,
    lastWords: () =>
      `the process that did it ended with ${child.signalCode ?? `exit code ${String(child.exitCode)}`}${tail()}`,
    async stop() {
      isEnding = true;
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Steps of many checkpoints assume the same. */
function sayOnce(note: (text: string) => void): (text: string) => void {
  const said = new Set<string>();
  return (text) => {
    if (said.has(text)) return;
    said.add(text);
    note(text);
  };
}

/** Characters of a crash that are kept. */
const tailLength = 2000;

function keepTail(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    text = (text + part).slice(-tailLength);
  });
  return () => (text.trim() === '' ? '' : `: ${text.trim()}`);
}
