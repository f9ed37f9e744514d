#!/usr/bin/env node
import { main } from './main.ts';

const interruption = new AbortController();
process.once('SIGINT', () => interruption.abort());
process.once('SIGTERM', () => interruption.abort());
const output = { failed: false };
// A reader that closes the pipe early (`sonde … | head`) is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || output.failed) return;
  output.failed = true;
  process.stderr.write(`sonde: the output could not be written: ${error.message}\n`);
  process.exitCode = 2;
});

const exitCode = await main(process.argv.slice(2), {
  cwd: process.cwd(),
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interruption.signal,
});
process.exitCode = output.failed ? 2 : exitCode;
