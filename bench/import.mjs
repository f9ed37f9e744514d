// Importing beside reading the same file in Python: megabytes per second and peak memory.
// node bench/import.mjs [--mb 200] [--python python3] [--only lm-eval,csv]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { helmFile, inspectFile, lmEvalFile, nativeFile } from './import-files.mjs';

const { values: options } = parseArgs({
  options: {
    mb: { type: 'string', default: '200' },
    python: { type: 'string', default: 'python3' },
    only: { type: 'string' },
  },
});
const bin = join(import.meta.dirname, '../dist/cli/bin.js');
const peak = join(import.meta.dirname, 'peak-memory.mjs');
const reader = join(import.meta.dirname, 'peers/read_log.py');
const bytes = Number(options.mb) * 1e6;

const cases = [
  { name: 'csv', make: (dir) => nativeFile(dir, 'csv', bytes), peers: ['pandas-csv'] },
  {
    name: 'jsonl',
    make: (dir) => nativeFile(dir, 'jsonl', bytes),
    peers: ['pandas-jsonl', 'pyarrow-jsonl'],
  },
  { name: 'parquet', make: parquetFile, peers: ['pyarrow-parquet'] },
  {
    name: 'lm-eval',
    make: (dir) => lmEvalFile(dir, bytes),
    peers: ['pandas-jsonl', 'pyarrow-jsonl'],
  },
  { name: 'inspect', make: (dir) => inspectFile(dir, bytes), peers: ['json'] },
  { name: 'helm', make: (dir) => helmFile(dir, bytes), peers: ['json'], format: 'helm' },
];

/** The CSV case through a store and out again. */
async function parquetFile(dir) {
  const csv = await nativeFile(dir, 'csv', bytes);
  const out = join(dir, 'records.parquet');
  const store = join(dir, 'parquet-store');
  sonde(['--store', store, 'import', csv]);
  sonde(['--store', store, 'export', '--out', out]);
  return out;
}

function sonde(args) {
  const startedAt = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', peak, bin, ...args, '--json', '--quiet'],
    {
      encoding: 'utf8',
      maxBuffer: 1e9,
    },
  );
  if (status !== 0) throw new Error(`sonde ${args.join(' ')}: ${stderr}`);
  const { peakBytes } = JSON.parse(stderr.trim().split('\n').at(-1));
  return { seconds: (performance.now() - startedAt) / 1000, peakBytes, report: JSON.parse(stdout) };
}

const wanted = options.only?.split(',') ?? cases.map(({ name }) => name);
console.log(`${cpus()[0].model}, load ${loadavg()[0].toFixed(1)}, Node ${process.version}`);
for (const { name, make, peers } of cases.filter((one) => wanted.includes(one.name))) {
  const dir = mkdtempSync(join(tmpdir(), 'sonde-bench-import-'));
  try {
    const path = await make(dir);
    const size = statSync(path).size;
    const own = sonde(['--store', join(dir, 'store'), 'import', path]);
    const [file] = own.report.files;
    show(name, 'sonde import', { ...own, size, rows: file.samples });
    for (const peer of peers) {
      const { stdout, status } = spawnSync(options.python, [reader, peer, path], {
        encoding: 'utf8',
      });
      if (status === 0) show(name, peer, { ...JSON.parse(stdout), size, beside: own.seconds });
      else console.log(`${name}: no ${peer} (pip install pandas pyarrow)`);
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function show(name, who, { size, seconds, peakBytes, rows, beside }) {
  const rate = (size / 1e6 / seconds).toFixed(0);
  const ratio = beside === undefined ? '' : `, its seconds / ours ${(seconds / beside).toFixed(2)}`;
  console.log(
    `${name} (${(size / 1e6).toFixed(0)} MB) ${who}: ${seconds.toFixed(1)} s, ${rate} MB/s, peak ${(peakBytes / 1e6).toFixed(0)} MB, ${rows} rows${ratio}`,
  );
}
