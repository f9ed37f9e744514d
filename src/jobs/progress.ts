import { resolve as resolvePath } from 'node:path';
import type { PassLimits } from '../engine/index.ts';
import type { PassApart } from './pass-apart.ts';

/** One report from long work. */
export type ProgressStep = {
  /** What is being done: `extract d128L4/step781`. A new label starts a new bar. */
  readonly label: string;
  readonly unit: string;
  readonly done: number;
  /** Null where only the end of the work tells. */
  readonly total: number | null;
  /** How much of `done` was found finished from an earlier start: it says nothing about the rate. */
  readonly resumedAt: number;
  /** Seconds since this start. */
  readonly seconds: number;
};

export type ProgressListener = (step: ProgressStep) => void;

/** What every job takes beside its own arguments. */
export type JobContext = {
  readonly progress: ProgressListener;
  /** One line for the person at the terminal: what was assumed, what was left out. */
  readonly note: (text: string) => void;
  /** Work stops with the signal's reason after the batch it is in. */
  readonly signal: AbortSignal;
  /** A path as the user wrote it, made absolute. */
  readonly resolve: (path: string) => string;
  /** What passes over a checkpoint may take of this machine. @default chosen from what it has free */
  readonly limits?: PassLimits;
  /** Has a pass done by another process. @throws where that fails. @default passes are done here, one after the other */
  readonly passApart?: (pass: PassApart, signal: AbortSignal) => Promise<void>;
};

/** A context for programs: silent, never interrupted, paths from the working directory, unless told otherwise. */
export function jobContext(parts: Partial<JobContext> = {}): JobContext {
  return {
    progress: () => undefined,
    note: () => undefined,
    signal: new AbortController().signal,
    resolve: (path) => resolvePath(path),
    ...parts,
  };
}

/** A reporter that counts `done` up and stamps the time. */
export function startProgress(
  listener: ProgressListener,
  {
    label,
    unit,
    total,
    resumedAt = 0,
  }: { label: string; unit: string; total: number | null; resumedAt?: number },
): (done: number) => void {
  const startedAt = performance.now();
  return (done) => {
    listener({
      label,
      unit,
      total,
      done,
      resumedAt,
      seconds: (performance.now() - startedAt) / 1000,
    });
  };
}
