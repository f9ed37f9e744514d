export { createJob, type Job, type JobKind } from './job.ts';
export type { JobRunner } from './job-runner.ts';
export { performJob, waitingRecord } from './perform-job.ts';
export { createProcessRunner, type ProcessRunnerOptions } from './process-runner.ts';
export { queueTiming } from './queue-options.ts';
export { type EstimatedTask, type ResultByKind, resultOf } from './results.ts';
export { openQueueRunner, type QueueRunnerOptions } from './queue-runner.ts';
export { runWorker, type WorkerOptions, type WorkerReport } from './worker.ts';
