import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const source = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Compiles rooms of `src` to JavaScript for child processes, which cannot run TypeScript. The folder lies below
 * `node_modules`, so that packages are found from it.
 */
export async function compileRooms(rooms: readonly string[], name: string): Promise<string> {
  const target = join(source, '../node_modules/.cache', name);
  for (const room of rooms) {
    for (const file of await sourceFiles(join(source, room))) {
      const output = join(target, relative(source, file).replace(/\.ts$/, '.js'));
      await mkdir(dirname(output), { recursive: true });
      await writeFile(output, compile(await readFile(file, 'utf8'), file));
    }
  }
  await writeFile(join(target, 'package.json'), '{ "type": "module" }\n');
  return target;
}

async function sourceFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter(
      (entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'),
    )
    .map((entry) => join(entry.parentPath, entry.name));
}

function compile(text: string, fileName: string): string {
  const { outputText } = ts.transpileModule(text, {
    fileName,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      rewriteRelativeImportExtensions: true,
      verbatimModuleSyntax: true,
    },
  });
  return outputText;
}
