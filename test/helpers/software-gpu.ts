import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/** What the package of Chromium has of a GPU in software is made for this platform alone. */
export const hasSoftwareGpu: boolean = process.platform === 'linux' && process.arch === 'x64';

/** Unpacks SwiftShader, a Vulkan driver in software, into `folder`; the environment of a process that is to find it. */
export function unpackSoftwareGpu(folder: string): Record<string, string> {
  const main = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const root = main.slice(0, main.lastIndexOf('chromium') + 'chromium'.length);
  const packed = readFileSync(path.join(root, 'bin', 'swiftshader.tar.br'));
  execFileSync('tar', ['-x', '-C', folder], { input: brotliDecompressSync(packed) });
  const driver = path.join(folder, 'vk_swiftshader_icd.json');
  return { LD_LIBRARY_PATH: folder, VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver };
}
