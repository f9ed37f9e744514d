import { env, stderr } from 'node:process';
import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { type BrowserProgram, findBrowser } from '../../scripts/find-browser.mjs';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Null: the browser tests are left out. */
    browser: BrowserProgram | null;
  }
}

/** Finds a browser and starts it once; says loudly where there is none, or refuses under `SONDE_REQUIRE_BROWSER=1`. */
export default async function setUpBrowser(project: TestProject): Promise<void> {
  const { program, reason } = await startOnce();
  project.provide('browser', program);
  if (program !== null) return;
  const message =
    `THE BROWSER TESTS DO NOT RUN: ${reason}\n` +
    'Install Chromium (Debian: apt-get install chromium), or name one in SONDE_BROWSER.';
  if (env['SONDE_REQUIRE_BROWSER'] === '1') throw new Error(message);
  const bar = '!'.repeat(100);
  stderr.write(`\n${bar}\n${message}\n${bar}\n\n`);
}

async function startOnce(): Promise<{ program: BrowserProgram | null; reason: string }> {
  const program = await findBrowser();
  if (program === null) return { program, reason: 'there is no Chromium on this machine.' };
  try {
    const browser = await chromium.launch({
      executablePath: program.path,
      args: [...program.args],
    });
    await browser.close();
    return { program, reason: '' };
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    return { program: null, reason: `${program.path} does not start: ${told}` };
  }
}
