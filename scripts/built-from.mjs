/**
 * Notes in `dist/` what it was built from, as a hash of all that goes into a build. With `--check` it ends with 1 where that
 * is another state than the one here: tests build then, and need not otherwise.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const note = join(root, 'dist', 'built-from.txt');
const sources = ['src', 'web', 'scripts', 'package-lock.json', 'package.json'];
const settings = ['tsconfig.json', 'tsconfig.build.json'];

const hash = createHash('sha256');
for (const path of [...sources, ...settings].flatMap(filesBelow)) {
  hash
    .update(`${path}\0`)
    .update(readFileSync(join(root, path)))
    .update('\0');
}
const here = hash.digest('hex');
if (!process.argv.includes('--check')) writeFileSync(note, here);
else if (!existsSync(note) || readFileSync(note, 'utf8') !== here) process.exitCode = 1;

function filesBelow(path) {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path))
    .filter((name) => name !== 'node_modules')
    .sort()
    .flatMap((name) => filesBelow(`${path}/${name}`));
}
