/** How a way through a model is told. */
import type { Device } from '../graph/index.ts';

export type MemoryBudget = {
  /** What the process may take. */
  readonly bytes: number;
  /** What the machine, or its container, has free. */
  readonly free: number;
  /** Whether `bytes` was asked for. */
  readonly isGiven: boolean;
};

/** ` on webgpu, 2 threads, 1,024 tokens a batch`; the processor is not named. */
export function describePlace({
  device,
  threads,
  batchTokens,
}: {
  readonly device: Device;
  readonly threads: number;
  readonly batchTokens: number;
}): string {
  const on = device === 'cpu' ? '' : ` on ${device}`;
  const count = `${threads} thread${threads === 1 ? '' : 's'}`;
  return `${on}, ${count}, ${batchTokens.toLocaleString('en')} tokens a batch`;
}

export function describeBudget({ bytes, free, isGiven }: MemoryBudget): string {
  return isGiven ? `${size(bytes)} allowed (--memory)` : `${size(free)} free`;
}

export function size(bytes: number): string {
  const [value, unit] = bytes >= 1e8 ? [bytes / 1e9, 'GB'] : [bytes / 1e6, 'MB'];
  return `${value >= 10 ? Math.round(value) : value.toPrecision(2)} ${unit}`;
}
