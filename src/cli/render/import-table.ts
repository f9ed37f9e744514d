import { dirname, relative } from 'node:path';
import type { ImportedFile } from '../../jobs/index.ts';
import { count } from './format.ts';
import { renderTable } from './table.ts';

/** Every file with what became of it; of no format, several of one folder together. */
export function renderImportedFiles(files: readonly ImportedFile[]): string {
  if (files.length === 0) return 'no files there';
  const folder = sharedFolder(files);
  const table = renderTable(
    [
      { title: 'file', align: 'left' },
      { title: 'format', align: 'left' },
      { title: 'status', align: 'left' },
      { title: 'checkpoints' },
      { title: 'tasks' },
      { title: 'items' },
      { title: 'samples' },
      { title: 'reason', align: 'left' },
    ],
    withoutForeign(files).map(({ file, others }) => [
      placeIn(folder, others === 0 ? file.path : `${dirname(file.path)}/ (${others + 1} files)`),
      file.format ?? '–',
      file.status,
      count(file.checkpoints),
      count(file.tasks),
      count(file.items),
      count(file.samples),
      file.reason ?? '',
    ]),
  );
  return folder === '' ? table : `in ${folder}\n${table}`;
}

/** So many files of no format that lie in one folder are one row: checkpoints have half a dozen each. */
const manyForeign = 3;

function withoutForeign(
  files: readonly ImportedFile[],
): { readonly file: ImportedFile; readonly others: number }[] {
  const folders = new Map<string, ImportedFile[]>();
  for (const file of files) {
    if (file.format !== null || file.status !== 'skipped') continue;
    const key = keyOf(file);
    folders.set(key, [...(folders.get(key) ?? []), file]);
  }
  return files.flatMap((file) => {
    const own = folders.get(keyOf(file)) ?? [];
    const isMany = own.length >= manyForeign && own.includes(file);
    if (!isMany) return [{ file, others: 0 }];
    return own[0] === file ? [{ file, others: own.length - 1 }] : [];
  });
}

function keyOf({ path, reason }: ImportedFile): string {
  return JSON.stringify([dirname(path), reason]);
}

export type HeardNotice = { readonly path: string; readonly notice: string };

const mostNames = 3;

/** One sentence for notices that differ in no more than their file and the name that they mention first. */
export function joinNotices(
  heard: readonly HeardNotice[],
  files: readonly ImportedFile[],
): string[] {
  const folder = sharedFolder(files);
  const groups = new Map<string, { paths: Set<string>; names: Set<string> }>();
  for (const { path, notice } of heard) {
    const [name = ''] = firstName.exec(notice) ?? [];
    const key = notice.replace(firstName, placeholder);
    const group = groups.get(key) ?? { paths: new Set(), names: new Set() };
    groups.set(key, group);
    group.paths.add(placeIn(folder, path));
    group.names.add(name);
  }
  return [...groups].map(([text, { paths, names }]) => {
    const [first = '', ...others] = paths;
    const where = others.length === 0 ? first : `${first} and ${others.length} more`;
    return `${where}: ${text.replace(placeholder, () => listed([...names]))}`;
  });
}

const firstName = /`[^`]*`/;
const placeholder = '\u0000';

function listed(names: readonly string[]): string {
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : '';
  return `${names.slice(0, mostNames).join(', ')}${more}`;
}

function placeIn(folder: string, path: string): string {
  return folder === '' ? path : relative(folder, path);
}

/** The folder that holds all of them; empty for a single file. */
function sharedFolder(files: readonly ImportedFile[]): string {
  const [first, ...others] = files.map(({ path }) => path);
  if (first === undefined || others.length === 0) return '';
  let folder = dirname(first);
  while (others.some((path) => !path.startsWith(`${folder}/`)) && folder !== dirname(folder))
    folder = dirname(folder);
  return folder;
}
