import type { JobRecord } from '../store/index.ts';
import type { Job } from './job.ts';

/**
 * Where steps are done. One suite of tests runs over every implementation. Whoever runs them, the store holds what came
 * out: a step that is done there is not done again, and asking for one twice at once is harmless.
 */
export interface JobRunner {
  /** Steps that it makes sense to ask for at once. */
  readonly concurrency: number;
  /**
   * Has a step done and returns its record: `done`, or `failed` with the reason. A process that dies in it is a failed step.
   *
   * @throws the signal's reason where it is interrupted; nothing that was finished is lost.
   */
  run(job: Job, signal: AbortSignal): Promise<JobRecord>;
  /** Waits for what is being done to stop after the batch it is in. */
  [Symbol.asyncDispose](): Promise<void>;
}
