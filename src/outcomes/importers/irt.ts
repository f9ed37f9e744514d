import { basename } from 'node:path';
import { UserError } from '../../error/index.ts';
import type { Importer, ImportOptions } from '../importer.ts';
import { makeRecord } from '../log/blank-record.ts';
import { readStart } from '../log/file-start.ts';
import { identifyModel } from '../log/identify-model.ts';
import { logItemId } from '../log/log-task.ts';
import { modelNamed } from '../log/model-name.ts';
import { validRecords } from '../log/valid-records.ts';
import type { OutcomeRecord } from '../record.ts';
import { firstRows, orientationOf, subjectsInMatrix } from './irt/matrix.ts';
import { beginsLikeLines, subjectsInLines } from './irt/response-lines.ts';
import type { Responses } from './irt/responses-of-subject.ts';
import { cellResponse } from './irt/responses.ts';

const startBytes = 64 * 1024;
/** A header of a million short names. */
const maxHeaderBytes = 16 * 1024 * 1024;
/** A table of shares with fewer columns may as well hold whole tasks. */
const surelyItems = 50;

/** Matrices of responses for item response theory: each subject is a checkpoint. */
export function createIrtImporter(): Importer {
  return {
    format: 'irt',
    detect: async (path) => (await formOf(path))?.sure ?? 0,
    read: (path, options) => validRecords(readMatrix(path, options), basename(path)),
  };
}

type Form = { lines: boolean; sure: number; told: boolean };

async function formOf(path: string): Promise<Form | null> {
  const start = await readStart(path, startBytes);
  if (start === null || start.includes(0)) return null;
  const text = start.toString('utf8');
  if (beginsLikeLines(text)) return { lines: true, sure: 1, told: true };
  // Most files end here: what begins with a bracket is JSON, and a first line without a comma is no table.
  if (/^\uFEFF?\s*[[{<]/.test(text) || !/^[^\n]*,/.test(text)) return null;
  const rows = await firstRows(path, maxHeaderBytes);
  const orientation = rows === null ? null : orientationOf(rows.header);
  if (rows === null || orientation === null) return null;
  const responses = rows.first.slice(1).map(cellResponse);
  const { told } = orientation;
  // Asked for by name, it is read, and refused where it goes wrong.
  if (
    rows.first.length !== rows.header.length ||
    responses.includes(undefined) ||
    responses.every((one) => one === null)
  ) {
    return { lines: false, sure: 0, told };
  }
  const shares = responses.some((one) => one !== 0 && one !== 1 && one !== null);
  const few = responses.length < surelyItems;
  return { lines: false, sure: (shares && few) || !told ? 0.3 : 1, told };
}

async function* readMatrix(
  path: string,
  options: ImportOptions = {},
): AsyncGenerator<OutcomeRecord> {
  const form = await formOf(path);
  if (form === null) {
    throw new UserError(
      `\`${basename(path)}\`: expected responses as JSONL (\`{"subject_id": …, "responses": {…}}\`) or as CSV whose first column is named \`model\` (one row a model) or \`item\` (one row an item), found neither (in ${path})`,
    );
  }
  const subjects = (): AsyncGenerator<Responses> =>
    form.lines ? subjectsInLines(path) : subjectsInMatrix(path);
  const shares = await holdsShares(subjects());
  const task = basename(path).replace(/\.[^.]+$/, '') || basename(path);
  const template = createTemplates(task, shares, options);
  let missing = 0;
  for await (const { subject, responses } of subjects()) {
    const record = await template(subject);
    for (const [item, response] of responses) {
      if (response === null) missing += 1;
      else yield { ...record, item: logItemId(task, item), k: response };
    }
  }
  for (const notice of notices({ task, shares, missing, told: form.told })) {
    options.onNotice?.(notice);
  }
}

/** Whether some response is neither right nor wrong: then all are scores, so that one task holds one kind. */
async function holdsShares(subjects: AsyncGenerator<Responses>): Promise<boolean> {
  for await (const { responses } of subjects) {
    for (const [, response] of responses) {
      if (response !== null && response !== 0 && response !== 1) return true;
    }
  }
  return false;
}

/** What the records of a subject have in common. */
function createTemplates(
  task: string,
  shares: boolean,
  options: ImportOptions,
): (subject: string) => Promise<OutcomeRecord> {
  const identify = options.identify ?? identifyModel;
  const known = new Map<string, OutcomeRecord>();
  return async (subject) => {
    const found = known.get(subject);
    if (found !== undefined) return found;
    const record = makeRecord({
      ...(await identify(modelNamed(subject))),
      suite: options.suite ?? 'irt',
      task,
      kind: shares ? 'score' : 'count',
      n: 1,
    });
    known.set(subject, record);
    return record;
  };
}

function notices(found: {
  task: string;
  shares: boolean;
  missing: number;
  told: boolean;
}): string[] {
  return [
    `the matrix names no task: its file’s name stands for it (\`${found.task}\`)`,
    ...(found.shares
      ? ['some responses lie between 0 and 1: all are kept as scores, not as counts']
      : []),
    ...(found.missing > 0 ? [`${found.missing} empty responses are left out`] : []),
    ...(found.told
      ? []
      : [
          'the first column has no name: its rows are read as models; name it `item` where they are questions',
        ]),
  ];
}
