export type TogetherOptions<Job> = {
  /** The next job; null where there is none now. A job that runs may bring more. */
  readonly next: () => Job | null;
  readonly concurrency: number;
  /** Ends what runs. */
  readonly signal?: AbortSignal | undefined;
};

type Settled<Result> =
  | { readonly task: symbol; readonly value: Result }
  | { readonly task: symbol; readonly error: unknown };

/**
 * Runs jobs side by side and yields their results as they come. After the first failure nothing new is started; what runs
 * is waited for and yielded, since it may have been paid for, and then the failure is thrown. Whoever stops reading ends
 * what runs.
 */
export async function* runTogether<Job, Result>(
  work: (job: Job, signal: AbortSignal) => Promise<Result>,
  { next, concurrency, signal }: TogetherOptions<Job>,
): AsyncGenerator<Result> {
  const ending = new AbortController();
  const forward = (): void => {
    ending.abort(signal?.reason);
  };
  signal?.addEventListener('abort', forward, { once: true });
  if (signal?.aborted === true) forward();
  const running = new Map<symbol, Promise<Settled<Result>>>();
  const start = (job: Job): void => {
    const task = Symbol('task');
    const settled = work(job, ending.signal).then(
      (value) => ({ task, value }),
      (error: unknown) => ({ task, error }),
    );
    running.set(task, settled);
  };
  let failure: { readonly error: unknown } | null = null;
  try {
    for (;;) {
      while (failure === null && running.size < concurrency) {
        const job = next();
        if (job === null) break;
        start(job);
      }
      if (running.size === 0) break;
      const settled = await Promise.race(running.values());
      running.delete(settled.task);
      if ('error' in settled) failure ??= settled;
      else yield settled.value;
    }
    if (failure !== null) throw failure.error;
  } finally {
    signal?.removeEventListener('abort', forward);
    ending.abort();
    await Promise.all(running.values());
  }
}
