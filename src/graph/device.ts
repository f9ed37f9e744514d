/** Where graphs run: the processor, or a GPU through one of the runtime's execution providers. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { UserError } from '../error/index.ts';
import { GraphBuilder } from './graph-builder.ts';
import { type Device, offeredProviders } from './session.ts';

/** Those that are no part of the package of the runtime, but downloaded by its install script. */
const CUDA_LIBRARIES = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'];

/** Compiling shaders for the first time takes seconds. */
const TRIAL_MS = 120_000;
const MOST_REASON_LENGTH = 300;

/** A driver that crashes takes its process with it: this runs in one of its own. Arguments: runtime, device, graph. */
const TRIAL = `
const [runtime, device, graph] = process.argv.slice(1);
const { InferenceSession, Tensor } = require(runtime);
const options = {
  executionProviders: [device],
  extra: { session: { disable_cpu_ep_fallback: '1' } },
};
InferenceSession.create(Buffer.from(graph, 'base64'), options)
  .then((session) => session.run({ x: new Tensor('float32', Float32Array.of(1), [1]) }))
  .then(({ y }) => process.stdout.write('result ' + y.data[0]))
  .catch((error) => process.stdout.write('error ' + error.message));
`;

const require = createRequire(import.meta.url);
const tried = new Map<Device, Promise<void>>();

/**
 * Looks whether graphs can run on a device: once in the life of a process, by a graph in a process of its own.
 *
 * @throws UserError where this package or this machine lacks something, with what it is and how it is had.
 */
export function checkDevice(device: Device): Promise<void> {
  const known = tried.get(device);
  if (known !== undefined) return known;
  const made = device === 'cpu' ? Promise.resolve() : tryDevice(device);
  tried.set(device, made);
  return made;
}

type Gpu = Exclude<Device, 'cpu'>;

async function tryDevice(device: Gpu): Promise<void> {
  const offered = offeredProviders();
  if (!offered.includes(device)) {
    const { platform, arch } = process;
    const usable = (['cpu', 'cuda', 'webgpu'] as const).filter((each) => offered.includes(each));
    throw new UserError(
      `--device: expected one of ${usable.join(', ')}, got ${device}; onnxruntime-node has no ${device} for ${platform}/${arch}`,
    );
  }
  if (device === 'cuda') checkCudaLibraries();
  const answer = await runTrial(device);
  if (answer === 'result 2') return;
  throw new UserError(
    `--device: expected a machine whose ${device} runs a graph, got: ${reasonOf(answer)}; ${NEEDS[device]}; ` +
      'without --device the processor is used',
  );
}

const NEEDS: Readonly<Record<Gpu, string>> = {
  cuda: 'it takes an NVIDIA driver, CUDA 12 and cuDNN 9, their libraries where the system’s loader finds them (LD_LIBRARY_PATH)',
  webgpu:
    'on Linux it takes the Vulkan loader (libvulkan.so.1, package libvulkan1) and the GPU’s Vulkan driver (mesa-vulkan-drivers, or NVIDIA’s own)',
};

function checkCudaLibraries(): void {
  const runtime = path.dirname(require.resolve('onnxruntime-node/package.json'));
  const folder = path.join(runtime, 'bin', 'napi-v6', process.platform, process.arch);
  const missing = CUDA_LIBRARIES.filter((name) => !existsSync(path.join(folder, name)));
  if (missing.length === 0) return;
  throw new UserError(
    `--device: expected the files of the CUDA provider in ${folder}, got no ${missing.join(' and no ')}; ` +
      'the npm package lacks them, and `onnxruntime-node-install=skip` (.npmrc) left their download out: run ' +
      `\`node ${path.join(runtime, 'script', 'install.js')} --onnxruntime-node-install=cuda12\``,
  );
}

/** What the trial wrote, or how it ended. */
function runTrial(device: Gpu): Promise<string> {
  const graph = new GraphBuilder('trial');
  const x = graph.input('x', 'float32', [1]);
  graph.output('y', graph.op('Add', [x, graph.number(1)]), [1]);
  const model = Buffer.from(graph.build()).toString('base64');
  const args = ['-e', TRIAL, require.resolve('onnxruntime-node'), device, model];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: TRIAL_MS }, (error, stdout, stderr) => {
      const loader = /(?:Couldn't load |with error: )([^\n]+)/.exec(stderr)?.[1];
      const isRefused = stdout.startsWith('error') && loader !== undefined;
      if (stdout !== '') resolve(isRefused ? `${stdout} (${loader})` : stdout);
      else if (error?.killed === true) resolve(`error no answer within ${TRIAL_MS / 1000} s`);
      else if (typeof error?.signal === 'string')
        resolve(`error its driver crashed (${error.signal})`);
      else resolve(`error it ended with code ${error?.code ?? 0}: ${stderr.trim().slice(-200)}`);
    });
  });
}

/** The runtime's message without the places in its sources, in one line. */
function reasonOf(answer: string): string {
  const text = answer.replace(/^error /, '').replaceAll(/\s+/g, ' ');
  const [, reason = text] = /was false\. (.*)/.exec(text) ?? [];
  return reason.trim().slice(0, MOST_REASON_LENGTH);
}
