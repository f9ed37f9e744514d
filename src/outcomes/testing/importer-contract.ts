/** What every importer keeps to, whatever its format. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../error/index.ts';
import type { Importer, LogAnswer, LogClaim, LogFilter, LogQuestion } from '../importer.ts';
import type { OutcomeRecord } from '../record.ts';
import { validateRecord } from '../validate-record.ts';

export type ContractCase = {
  readonly name: string;
  readonly importer: Importer;
  /** A small log of this format, absolute; it is copied with its `root`. */
  readonly path: string;
  /** The folder that holds it and its companions. @default the folder of `path` */
  readonly root?: string;
  /** A file of another format. */
  readonly foreign: string;
};

export type ReadLog = {
  records: OutcomeRecord[];
  questions: LogQuestion[];
  answers: LogAnswer[];
  claims: LogClaim[];
  notices: string[];
};

/** Everything that an importer says of a file. */
export async function readLog(
  importer: Importer,
  path: string,
  options: { suite?: string; checkpoint?: string } = {},
): Promise<ReadLog> {
  const log: ReadLog = { records: [], questions: [], answers: [], claims: [], notices: [] };
  const withdrawn: LogFilter[] = [];
  const records = importer.read(path, {
    ...options,
    onWithdraw: (filter) => withdrawn.push(filter),
    onQuestion: (question) => log.questions.push(question),
    onAnswer: (answer) => log.answers.push(answer),
    onClaim: (claim) => log.claims.push(claim),
    onNotice: (notice) => log.notices.push(notice),
  });
  for await (const record of records) log.records.push(record);
  log.records = log.records.filter(
    ({ task, filter, item }) =>
      item === null || !withdrawn.some((one) => one.task === task && one.filter === filter),
  );
  return log;
}

export function describeImporter(given: ContractCase): void {
  const { name, importer, foreign } = given;
  const root = given.root ?? dirname(given.path);
  const inner = relative(root, given.path);
  let folder: string;
  let path: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sonde-importer-'));
    cpSync(root, folder, { recursive: true });
    path = join(folder, inner);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  describe(`${name}: contract of importers`, () => {
    it('knows its own files by content, and no others', async () => {
      expect(await importer.detect(path)).toBeGreaterThan(0.5);
      expect(await importer.detect(foreign)).toBe(0);
      expect(await importer.detect(join(folder, 'absent'))).toBe(0);
    });

    it('yields valid records, answers and questions of them', async () => {
      const { records, questions, answers, claims } = await readLog(importer, path);
      expect(records.length).toBeGreaterThan(0);
      for (const record of records) validateRecord(record, 'contract');
      const items = new Set(records.map(({ item }) => item));
      const checkpoints = new Set(records.map(({ checkpoint }) => checkpoint));
      for (const { item, task } of questions) {
        expect(items).toContain(item.id);
        expect(task.name).toBe(item.task);
      }
      for (const answer of answers) {
        expect(items).toContain(answer.item);
        expect(checkpoints).toContain(answer.checkpoint);
      }
      for (const claim of claims) {
        expect(claim.accuracy).toBeGreaterThanOrEqual(0);
        expect(claim.accuracy).toBeLessThanOrEqual(1);
      }
    });

    it('reads the same again', async () => {
      expect(await readLog(importer, path)).toEqual(await readLog(importer, path));
    });

    it('meets damaged files with one message that names the file', async () => {
      const whole = readFileSync(path);
      const damage = fc.record({
        at: fc.integer({ min: 0, max: whole.length - 1 }),
        bytes: fc.uint8Array({ minLength: 0, maxLength: 6 }),
        cut: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(damage, async ({ at, bytes, cut }) => {
          const rest = cut ? Buffer.alloc(0) : whole.subarray(at + bytes.length);
          writeFileSync(path, Buffer.concat([whole.subarray(0, at), bytes, rest]));
          await importer.detect(path);
          await readDamaged(importer, path);
        }),
        { numRuns: 60 },
      );
      writeFileSync(path, whole);
    });
  });
}

async function readDamaged(importer: Importer, path: string): Promise<void> {
  try {
    const { records } = await readLog(importer, path);
    for (const record of records) validateRecord(record, 'contract');
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.message).toContain(basename(path));
  }
}
