import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const source = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Compiles a file of `src`, and every file that it imports, to JavaScript for child processes, which cannot run
 * TypeScript. The folder lies below `node_modules`, so that packages are found from it.
 */
export async function compileWithImports(entry: string, name: string): Promise<string> {
  const target = join(source, '../node_modules/.cache', name);
  const files = new Set([join(source, entry)]);
  for (const file of files) {
    const text = await readFile(file, 'utf8');
    for (const imported of relativeImports(text)) files.add(resolve(dirname(file), imported));
    const output = join(target, relative(source, file).replace(/\.ts$/, '.js'));
    await mkdir(dirname(output), { recursive: true });
    await writeFile(output, compile(text, file));
  }
  await writeFile(join(target, 'package.json'), '{ "type": "module" }\n');
  return target;
}

function relativeImports(text: string): string[] {
  return ts
    .preProcessFile(text)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'));
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
