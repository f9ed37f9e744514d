import { expect, test } from 'vitest';
import type { ImportedFile } from '../../jobs/index.ts';
import { joinNotices, renderImportedFiles } from './import-table.ts';

const file = (path: string, changes: Partial<ImportedFile> = {}): ImportedFile => ({
  ...{ path, format: 'lm-eval', status: 'imported', reason: null },
  ...{ checkpoints: 1, tasks: 2, items: 0, samples: 1200 },
  ...changes,
});
const foreign = (path: string): ImportedFile =>
  file(path, {
    ...{ format: null, status: 'skipped', reason: 'no format that Sonde reads' },
    ...{ checkpoints: 0, tasks: 0, samples: 0 },
  });

test('files of no format that lie together are one row, others one each', () => {
  const files = [
    ...['a', 'b', 'c'].map((name) => foreign(`/r/m/step1/${name}.json`)),
    file('/r/m/results.json'),
    foreign('/r/notes.md'),
  ];
  expect(renderImportedFiles(files)).toBe(
    `in /r
file                format   status    checkpoints  tasks  items  samples  reason
m/step1/ (3 files)  –        skipped             0      0      0        0  no format that Sonde reads
m/results.json      lm-eval  imported            1      2      0     1.2k
notes.md            –        skipped             0      0      0        0  no format that Sonde reads`,
  );
  expect(renderImportedFiles([])).toBe('no files there');
});

test('notices that differ in one name are one sentence', () => {
  const files = [file('/r/a/1.json'), file('/r/b/2.json')];
  const about = (name: string): string => `which state of \`${name}\` it is about`;
  const heard = [
    { path: '/r/a/1.json', notice: about('m') },
    { path: '/r/a/1.json', notice: 'the file holds 1 of 2' },
    ...['$&', 'n', 'o', 'p'].map((name) => ({ path: '/r/b/2.json', notice: about(name) })),
  ];
  expect(joinNotices(heard, files)).toEqual([
    'a/1.json and 1 more: which state of `m`, `$&`, `n` and 2 more it is about',
    'a/1.json: the file holds 1 of 2',
  ]);
  expect(joinNotices(heard.slice(1, 2), files.slice(0, 1))).toEqual([
    '/r/a/1.json: the file holds 1 of 2',
  ]);
});
