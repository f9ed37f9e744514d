import type { Command } from 'commander';
import type { PassLimits } from '../../engine/index.ts';
import type { CliSession } from '../session.ts';
import { byteSize, oneOf, wholeNumber } from '../option-parsers.ts';
import { optionalNumber } from '../options.ts';

const devices = ['cpu', 'cuda', 'webgpu'] as const;

/** `--memory`, `--threads` and `--batch-tokens`: what a pass over a checkpoint may take of this machine. */
export function addPassOptions(command: Command): Command {
  return command
    .option(
      '--memory <size>',
      'most memory of a pass: 2GB, 512MiB (default: most of what is free)',
      byteSize('--memory'),
    )
    .option(
      '--threads <n>',
      'threads of a pass (default: all that the machine offers)',
      wholeNumber('--threads', { min: 1, max: 1024 }),
    )
    .option(
      '--batch-tokens <n>',
      'most tokens of a batch (default: 1024 with all weights in memory)',
      wholeNumber('--batch-tokens', { min: 1, max: 1_000_000 }),
    );
}

/** `--device`: where the graphs of a pass run. */
export function addDeviceOption(command: Command): Command {
  return command.option(
    '--device <device>',
    'cpu, cuda or webgpu: where the model runs (default: cpu; see docs/engine.md)',
    oneOf('--device', devices),
  );
}

/** The session, whose passes keep within what was asked for. */
export function withPassLimits(options: Record<string, unknown>, session: CliSession): CliSession {
  const limits: PassLimits = {
    device: devices.find((device) => device === options['device']) ?? null,
    memoryBytes: optionalNumber(options, 'memory'),
    threads: optionalNumber(options, 'threads'),
    batchTokens: optionalNumber(options, 'batchTokens'),
  };
  return { ...session, limits };
}
