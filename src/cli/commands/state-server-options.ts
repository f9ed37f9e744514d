import type { Command } from 'commander';
import { UserError } from '../../error/index.ts';
import type { StateServerRequest } from '../../jobs/index.ts';
import { layerNumbers, oneOf, realNumber, wholeNumber } from '../option-parsers.ts';
import { optionalNumber, optionalNumbers, optionalText } from '../options.ts';
import type { CliSession } from '../session.ts';

const kinds = ['vllm', 'vllm-lens', 'sglang'] as const;

export function addStateServerOptions(command: Command): Command {
  return command
    .option('--server <url>', 'a GPU server gives the states: http://localhost:8000/v1')
    .option(
      '--server-kind <kind>',
      'with --server: vllm, vllm-lens or sglang (see docs/gpu.md)',
      oneOf('--server-kind', kinds),
    )
    .option('--server-dir <folder>', 'with vllm: where it writes states, as seen from here')
    .option(
      '--server-layers <layers>',
      'with vllm: layers that it was started with: 0,8,16 (default: all blocks)',
      layerNumbers('--server-layers'),
    )
    .option('--model <name>', 'with --server: its model (default: the only one it lists)')
    .option(
      '--concurrency <n>',
      'with --server: prompts at a time (default: 8)',
      wholeNumber('--concurrency', { min: 1, max: 1024 }),
    )
    .option(
      '--timeout <s>',
      'with --server: seconds until the whole of an answer (default: 300)',
      realNumber('--timeout', { min: 0.1, max: 86_400 }),
    );
}

const ofServer = ['serverKind', 'serverDir', 'serverLayers', 'model', 'concurrency', 'timeout'];
const ofFiles = ['serverDir', 'serverLayers'];

/** Null where no server is named. */
export function readStateServer(
  options: Record<string, unknown>,
  { env, resolve }: CliSession,
): StateServerRequest | null {
  const url = optionalText(options, 'server');
  if (url === null) {
    const alone = ofServer.find((name) => options[name] !== undefined);
    if (alone === undefined) return null;
    throw new UserError(`${flag(alone)}: expected --server with it, got none`);
  }
  const kind = kinds.find((word) => word === options['serverKind']);
  if (kind === undefined) {
    throw new UserError(`--server-kind: expected one of ${kinds.join(', ')}, got none`);
  }
  const idle = kind === 'vllm' ? undefined : ofFiles.find((name) => options[name] !== undefined);
  if (idle !== undefined) {
    throw new UserError(`${flag(idle)}: expected --server-kind vllm with it, got ${kind}`);
  }
  const folder = optionalText(options, 'serverDir');
  const apiKey = (env['OPENAI_API_KEY'] ?? '').trim();
  return {
    ...{ url, kind, model: optionalText(options, 'model') },
    apiKey: apiKey === '' ? null : apiKey,
    folder: folder === null ? null : resolve(folder),
    layers: optionalNumbers(options, 'serverLayers'),
    concurrency: optionalNumber(options, 'concurrency') ?? 8,
    timeoutMs: (optionalNumber(options, 'timeout') ?? 300) * 1000,
  };
}

function flag(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
