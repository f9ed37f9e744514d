// Takes the README's screenshots: the dashboard over the store that `sonde demo` leaves, in a real browser.
//
//   node scripts/screenshots.mjs [--store DIR]      (build first; without a store the demo makes one, which takes a while)
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { findBrowser } from './find-browser.mjs';
import { pageDrawn } from './page-drawn.mjs';

const bin = fileURLToPath(new URL('../dist/cli/bin.js', import.meta.url));
const out = fileURLToPath(new URL('../docs/screenshots/', import.meta.url));
const run = 'd128L4';
const views = [
  { name: 'overview', address: '#/overview', theme: 'light' },
  { name: 'overview-dark', address: '#/overview', theme: 'dark' },
  { name: 'run', address: `#/run/${run}`, theme: 'light' },
  { name: 'task', address: `#/task/logic?suite=tiny&run=${run}&item=logic-010`, theme: 'light' },
  { name: 'forecast', address: '#/forecast', link: 'logic', theme: 'light' },
  { name: 'phone', address: `#/run/${run}?task=tiny%2Flogic`, theme: 'dark', width: 390 },
];

const { values } = parseArgs({ options: { store: { type: 'string' } } });
const program = await findBrowser();
if (program === null) throw new Error('screenshots: no Chromium; name one in SONDE_BROWSER');
const scratch = await mkdtemp(join(tmpdir(), 'sonde-screenshots-'));
try {
  const store = values.store ?? makeDemo(join(scratch, 'tiny-olmo3', '.sonde'));
  const service = await serve(store);
  try {
    await takeAll(service.url);
  } finally {
    service.child.kill();
  }
} finally {
  await rm(scratch, { recursive: true });
}

function makeDemo(store) {
  execFileSync(process.execPath, [bin, 'demo', '--store', store], { stdio: 'inherit' });
  return store;
}

async function serve(store) {
  const child = spawn(process.execPath, [bin, 'serve', '--store', store, '--port', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface({ input: child.stderr })) {
    const url = /http:\/\/\S+\//.exec(line)?.[0];
    if (url === undefined) continue;
    child.stderr.resume();
    return { child, url };
  }
  throw new Error('screenshots: sonde serve ended before it listened');
}

async function takeAll(url) {
  mkdirSync(out, { recursive: true });
  const browser = await chromium.launch({ executablePath: program.path, args: program.args });
  for (const view of views) await take(browser, url, view);
  await browser.close();
}

async function take(browser, url, { name, address, link, theme, width = 1280 }) {
  const height = width < 600 ? 780 : 860;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme });
  await page.goto(`${url}${address}`);
  if (link !== undefined) {
    await page.getByRole('group', { name: 'All forecasts' }).getByRole('link').first().click();
    await page.getByRole('link', { name: link, exact: true }).click();
    await page.getByRole('heading', { name: link, exact: true }).scrollIntoViewIfNeeded();
    await page.evaluate((heading) => {
      const found = [...document.querySelectorAll('h2')].find((h) => h.textContent === heading);
      found?.scrollIntoView();
    }, link);
  }
  await pageDrawn(page);
  await page.screenshot({ path: join(out, `${name}.png`) });
  await page.close();
}
