// `sonde extract --memory` on the shape of OLMo-3-7B (32 layers, 4,096, vocabulary 100,278; holes in files as weights): the
// largest memory that the process holds of its own, and its time per 1,000 tokens.
//
//   node bench/streamed.mjs [--memory 2GB] [--tokens 896] [--layers 32] [--precision f32,int8] [--threads 2]
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { OLMO3_7B, writeLargeOlmo3 } from './large-shape.mjs';
import { describeMachine, print } from './measure.mjs';

const { values } = parseArgs({
  options: {
    memory: { type: 'string', default: '2GB' },
    tokens: { type: 'string', default: '896' },
    layers: { type: 'string', default: '32' },
    precision: { type: 'string', default: 'f32,int8' },
    threads: { type: 'string', default: '2' },
  },
});
const bin = join(import.meta.dirname, '..', 'dist', 'cli', 'bin.js');
const folder = mkdtempSync(join(tmpdir(), 'sonde-streamed-'));
try {
  const shape = { ...OLMO3_7B, layers: Number(values.layers) };
  const checkpoint = writeLargeOlmo3(join(folder, 'olmo3', 'step1'), shape);
  const suite = writeSuite(join(folder, 'suite'), Number(values.tokens));
  print(`streamed, OLMo-3-7B, ${values.layers} layers, ${describeMachine(Number(values.threads))}`);
  for (const precision of values.precision.split(',')) {
    const limits = ['--memory', values.memory, '--threads', values.threads];
    const { report, peakBytes, note } = await measured([
      ...['--store', join(folder, `store-${precision}`), '--json', 'extract', checkpoint],
      ...['--suite', suite, '--precision', precision, ...limits],
    ]);
    const { tokens, seconds } = report;
    print(
      `${precision.padEnd(5)} ${tokens} tokens in ${seconds.toFixed(0)} s (${((1000 * seconds) / tokens).toFixed(0)} s per 1,000), peak RssAnon ${(peakBytes / 1e6).toFixed(0)} MB of ${values.memory}\n      ${note}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Questions of about 110 tokens each of the bundled tokenizer, about as many tokens together. */
function writeSuite(suite, tokens) {
  mkdirSync(suite);
  writeFileSync(
    join(suite, 'suite.yaml'),
    'name: words\nversion: 1\ntasks:\n  read: { chance: 0, maxTokens: 1, grader: exact }\n',
  );
  const items = Array.from({ length: Math.max(1, Math.round(tokens / 112)) }, (_, i) =>
    JSON.stringify({
      task: 'read',
      id: `q${i}`,
      prompt: `${i} ${'1 + 2 = '.repeat(14)}`,
      target: 'x',
    }),
  );
  writeFileSync(join(suite, 'items.jsonl'), `${items.join('\n')}\n`);
  return suite;
}

async function measured(args) {
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let peakBytes = 0;
  const watch = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peakBytes = Math.max(peakBytes, 1024 * Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      // It has ended.
    }
  }, 5);
  const [out, said] = await Promise.all([text(child.stdout), text(child.stderr)]);
  clearInterval(watch);
  if (out === '') throw new Error(`sonde ${args.join(' ')}\n${said}`);
  const note = said.split('\n').find((line) => line.includes('tokens a batch')) ?? '';
  return { report: JSON.parse(out), peakBytes, note };
}
