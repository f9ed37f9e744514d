// Large logs for `import.mjs`: the fixtures' own rows again and again, with ids of their own.
import { cpSync, createWriteStream, readdirSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { dirname, join } from 'node:path';

const fixtures = join(import.meta.dirname, '../test/fixtures/logs');

/** Writes pieces until the file has so many bytes; returns its path. */
async function grow(path, bytes, { head = '', piece, tail = '', between = '' }) {
  const stream = createWriteStream(path);
  stream.write(head);
  for (let [written, number] = [0, 0]; written < bytes; number += 1) {
    const text = `${number === 0 ? '' : between}${piece(number)}`;
    written += Buffer.byteLength(text);
    if (!stream.write(text)) await once(stream, 'drain');
  }
  stream.end(tail);
  await once(stream, 'finish');
  return path;
}

/** Outcome records as CSV or JSONL. */
export async function nativeFile(dir, format, bytes) {
  const columns = ['suite', 'task', 'item', 'checkpoint', 'k', 'n', 'run', 'step'];
  const row = (number) => {
    const [step, item] = [1 + Math.floor(number / 20_000), number % 20_000];
    return [
      'made',
      `task${item % 10}`,
      `item-${item}`,
      `run/step${step}`,
      item % 7,
      8,
      'run',
      step,
    ];
  };
  return format === 'csv'
    ? grow(join(dir, 'records.csv'), bytes, {
        head: `${columns.join(',')}\n`,
        piece: (number) => `${row(number).join(',')}\n`,
      })
    : grow(join(dir, 'records.jsonl'), bytes, {
        piece: (number) => {
          const values = row(number);
          return `${JSON.stringify(Object.fromEntries(columns.map((name, at) => [name, values[at]])))}\n`;
        },
      });
}

function findFiles(folder, matches) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => matches(name))
    .map((name) => join(folder, name))
    .sort();
}

/** lm-eval's samples: rows of the fixture, a few-shot prompt of 4,000 characters in front. */
export async function lmEvalFile(dir, bytes) {
  const [path] = findFiles(
    join(fixtures, 'lm-eval'),
    (name) => name.startsWith('0.4.13/choices') && /samples_.*\.jsonl$/.test(name),
  );
  const rows = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const [first] = rows;
  const prefix = 'Question: what follows from the text above? Answer: nothing at all.\n\n'.repeat(
    57,
  );
  return grow(join(dir, 'samples_made_2026-01-01T00-00-00.000000.jsonl'), bytes, {
    piece: (number) => {
      const { prompt_hash: _, ...row } = structuredClone(first);
      row.doc_id = number;
      row.doc_hash = number.toString(16).padStart(64, '0');
      row.arguments.gen_args_0.arg_0 = `${prefix}${number}: ${row.arguments.gen_args_0.arg_0}`;
      return `${JSON.stringify(row)}\n`;
    },
  });
}

/** An Inspect log with its samples again and again. */
export async function inspectFile(dir, bytes) {
  const [path] = findFiles(join(fixtures, 'inspect'), (name) => name.endsWith('letters.json'));
  const {
    samples,
    reductions: _,
    ...log
  } = JSON.parse(readFileSync(path, 'utf8').replaceAll('NaN', 'null'));
  const head = JSON.stringify(log).slice(0, -1);
  return grow(join(dir, 'inspect.json'), bytes, {
    head: `${head},"samples":[`,
    piece: (number) =>
      JSON.stringify({
        ...samples[number % samples.length],
        id: number,
        epoch: 1,
        uuid: `u${number}`,
      }),
    between: ',',
    tail: ']}',
  });
}

/** HELM's statistics of single questions, in a run folder with the files of the fixture. */
export async function helmFile(dir, bytes) {
  const [path] = findFiles(join(fixtures, 'helm'), (name) =>
    name.endsWith('per_instance_stats.json'),
  );
  const run = join(dir, 'helm-run');
  cpSync(dirname(path), run, { recursive: true });
  const rows = JSON.parse(readFileSync(path, 'utf8'));
  return grow(join(run, 'per_instance_stats.json'), bytes, {
    head: '[',
    piece: (number) =>
      JSON.stringify({ ...rows[number % rows.length], instance_id: `id${number}` }),
    between: ',',
    tail: ']',
  });
}
