import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

/** Devices are tried once in the life of a process: each test has its own. */
const fresh = () => import('./index.ts');

const isLinux = process.platform === 'linux' && process.arch === 'x64';

test('the processor is always there', async () => {
  const { checkDevice } = await fresh();
  await expect(checkDevice('cpu')).resolves.toBeUndefined();
});

test.runIf(isLinux)(
  'a GPU that the machine lacks is one sentence: what, why and what to do',
  async () => {
    // No driver, whatever this machine has.
    vi.stubEnv('VK_DRIVER_FILES', '/nowhere.json');
    vi.stubEnv('VK_ICD_FILENAMES', '/nowhere.json');
    const { checkDevice } = await fresh();
    await expect(checkDevice('webgpu')).rejects.toThrow(
      /^--device: expected a machine whose webgpu runs a graph, got: Failed to get a WebGPU adapter: No supported adapters.*; on Linux it takes the Vulkan loader \(libvulkan\.so\.1, package libvulkan1\) and the GPU’s Vulkan driver \(mesa-vulkan-drivers, or NVIDIA’s own\); without --device the processor is used$/,
    );
  },
);

test.runIf(isLinux)('an install without CUDA names the files and how they are had', async () => {
  const { checkDevice } = await fresh();
  await expect(checkDevice('cuda')).rejects.toThrow(
    /^--device: expected the files of the CUDA provider in .*bin\/napi-v6\/linux\/x64, got no libonnxruntime_providers_shared\.so and no libonnxruntime_providers_cuda\.so; the npm package lacks them, and `onnxruntime-node-install=skip` \(\.npmrc\) left their download out: run `node .*script\/install\.js --onnxruntime-node-install=cuda12`$/,
  );
});
