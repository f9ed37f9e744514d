import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-package-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** npm's own variables would make the inner npm take this package for its own. */
function outside(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      !entry[0].startsWith('npm_') && entry[0] !== 'INIT_CWD' && entry[1] !== undefined,
  );
  // .npmrc does not travel with the tarball: where only the npm registry is reachable, users set this.
  return { ...Object.fromEntries(kept), ONNXRUNTIME_NODE_INSTALL: 'skip' };
}

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, {
    cwd,
    env: outside(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

it('packs, installs into an empty folder and runs', () => {
  const packed = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root),
  ) as {
    filename: string;
    files: { path: string }[];
  }[];
  const { filename = '', files = [] } = packed[0] ?? {};
  expect(files.filter(({ path }) => /\.test\.|^(src|test|bench)\//.test(path))).toEqual([]);
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'empty', private: true, type: 'module' }),
  );
  run(
    'npm',
    ['install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, filename)],
    folder,
  );

  const sonde = join(folder, 'node_modules', '.bin', 'sonde');
  expect(run(sonde, ['--version'], folder)).toBe(`${version}\n`);
  const checkpoint = join(
    folder,
    'node_modules/sonde/examples/tiny-olmo3/d128L4/stage1-step781-tokens7M',
  );
  expect(JSON.parse(run(sonde, ['inspect', checkpoint, '--json'], folder))).toMatchObject({
    checkpoints: [
      { family: 'olmo3', supported: true, params: 952_448, paramsNonEmbedding: 854_144, step: 781 },
    ],
  });
  const script =
    "import { UserError, softAuroc } from 'sonde'; console.log(softAuroc.name, UserError.name)";
  expect(run(process.execPath, ['--input-type=module', '--eval', script], folder)).toBe(
    'softAuroc UserError\n',
  );
}, 600_000);
