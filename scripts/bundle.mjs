/**
 * Puts the modules behind each process that the product starts into few files: a start reads more than a thousand small ones
 * otherwise, which is most of its time, and more on a shared file system. Of the packages those that every start reads are
 * put in too, with their licences beside; native ones, and those that few commands read, stay where npm installed them. The
 * chunks lie as deep as the entries, so that what modules find beside the package is found from both.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('../', import.meta.url));
const dist = `${root}dist/`;
const entries = ['cli/bin', 'runner/job-process'];
const included = [
  '@bufbuild/protobuf',
  '@duckdb/node-api',
  '@petamoriken/float16',
  'cli-progress',
  'cli-table3',
  'commander',
  'hono',
  'yaml',
  'zod',
];

const isIncluded = (id) => included.some((name) => id === name || id.startsWith(`${name}/`));
const bundle = await rolldown({
  input: Object.fromEntries(entries.map((entry) => [entry, `${dist}${entry}.js`])),
  platform: 'node',
  external: (id, importer) => {
    const isPackage = !/^[./]/.test(id);
    // What an included package needs of its own comes with it, but for what is native.
    const isNeeded = importer?.includes('/node_modules/') === true && !id.startsWith('@duckdb/');
    return isPackage && !isIncluded(id) && !isNeeded;
  },
  logLevel: 'warn',
});
const { output } = await bundle.write({
  dir: dist,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
});
await bundle.close();
// The compiler's maps of the entries describe what was replaced.
for (const entry of entries) rmSync(`${dist}${entry}.js.map`);
writeFileSync(`${dist}chunks/LICENSES.txt`, licences(output));

function licences(chunks) {
  const modules = chunks.flatMap(({ moduleIds = [] }) => moduleIds);
  const folders = new Set(
    modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []),
  );
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    const text = file === undefined ? license : readFileSync(`${folder}/${file}`, 'utf8').trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}
