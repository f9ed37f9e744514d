// How long a person waits for a page of the dashboard over a store of 200 checkpoints × 30 tasks × 400 questions, in a real
// browser: from the address to a page that is drawn, once after `sonde serve` has told its address (nothing but the
// overview was read then) and once more.
//
//   node bench/first-view.mjs [--store DIR | --shape 200x30x400]
//
// Exit 1 where the first view of the overview takes a second or more.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { findBrowser } from '../scripts/find-browser.mjs';
import { pageDrawn } from '../scripts/page-drawn.mjs';
import { storeOptions, withServedStore } from './served-store.mjs';

const { values } = parseArgs({ options: storeOptions });
const aimMs = 1000;
const run = 'olmo-long';
const pages = {
  overview: '#/overview',
  run: `#/run/${run}`,
  task: `#/task/task-03?suite=big&run=${run}`,
  compare: `#/compare?a=${run}/step1000&b=${run}/step4000`,
  data: '#/data',
};

const program = await findBrowser();
if (program === null) throw new Error('first-view: no Chromium; name one in SONDE_BROWSER');
await withServedStore(values, async ({ url }) => {
  console.log(`load average ${loadavg()[0].toFixed(1)}`);
  const browser = await chromium.launch({ executablePath: program.path, args: program.args });
  // What a browser does once: it starts, and compiles nothing of ours.
  await (await browser.newPage()).goto('about:blank');
  const root = url.replace('api/v1', '');
  for (const [name, address] of Object.entries(pages)) {
    const [first, again] = [
      await view(browser, `${root}${address}`),
      await view(browser, `${root}${address}`),
    ];
    console.log(`${name}: first ${first.toFixed(0)} ms, again ${again.toFixed(0)} ms`);
    if (name === 'overview' && first >= aimMs) process.exitCode = 1;
  }
  await browser.close();
});

/** Milliseconds; with nothing kept from before. */
async function view(browser, address) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  const startedAt = performance.now();
  await page.goto(address);
  await pageDrawn(page);
  const took = performance.now() - startedAt;
  await context.close();
  return took;
}
