/** The dashboard as `sonde serve` gives it, in a real browser. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  expectAccessible,
  expectNoOverflow,
  launchBrowser,
  openPage,
  type WatchedPage,
} from '../helpers/open-pages.ts';
import { type ServedStore, serveStore } from '../helpers/serve-store.ts';
import { filled, fillStore } from '../helpers/watched-store.ts';

const { run, suite, probe, predicted } = filled;

describe.skipIf(inject('browser') === null)('the dashboard', () => {
  let folder = '';
  let browser: Browser;
  let service: ServedStore;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sonde-dashboard-'));
    await fillStore(join(folder, '.sonde'));
    service = await serveStore(join(folder, '.sonde'));
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await service.stop();
    await rm(folder, { recursive: true });
  });

  const open = (address: string, options = {}): Promise<WatchedPage> =>
    openPage(browser, `${service.url}${address}`, options);
  const chart = (page: Page, name: string | RegExp) => page.getByRole('group', { name });

  const views: readonly (readonly [name: string, address: string, text: string | RegExp])[] = [
    ['overview', '#/overview', 'latest checkpoint stage1-step2604-tokens24M'],
    ['run', `#/run/${run}`, 'in points; a task’s name opens it'],
    ['run, one task', `#/run/${run}?task=${suite}%2Fsort&x=flops&log=1`, 'Questions of sort'],
    ['task', `#/task/sort?suite=${suite}&run=${run}`, '140 questions'],
    ['question', `#/task/sort?suite=${suite}&run=${run}&item=sort-003`, 'sort: f e q x d =>'],
    [
      'task, difference',
      `#/task/sort?suite=${suite}&run=${run}&show=difference`,
      'Predicted less measured',
    ],
    ['compare', '#/compare', 'paired, 95 % intervals'],
    ['forecasts', '#/forecast', 'd128L4/stage1-step2604-tokens24M'],
    ['probe', `#/probes/${probe}`, 'AUROC of stored predictions'],
    ['transfer', `#/probes/${probe}?score=level&by=persistence`, 'Rows: learned up to'],
    ['data', '#/data', '.sonde-refused.csv'],
    ['no such page', '#/nowhere', 'Go to the overview'],
  ];

  it.each(views)('shows %s, wide and light', async (_name, address, text) => {
    const { page, complaints } = await open(address, { colorScheme: 'light' });
    await page.getByText(text).first().waitFor();
    await expectAccessible(page);
    await expectNoOverflow(page);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it.each(views)('shows %s, narrow and dark', async (_name, address, text) => {
    const narrow = { viewport: { width: 390, height: 844 }, colorScheme: 'dark' };
    const { page, complaints } = await open(address, narrow);
    await page.getByText(text).first().waitFor();
    await expectAccessible(page);
    await expectNoOverflow(page);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('shows what is behind a forecast, reached from the list', async () => {
    const { page, complaints } = await open('#/forecast');
    await page.getByRole('link', { name: 'd128L4/stage1-step2604-tokens24M' }).click();
    await page.getByRole('link', { name: 'sort', exact: true }).click();
    await chart(page, /^Ladder and target of sort/).waitFor();
    await page.getByRole('group', { name: 'Methods' }).getByText('ensemble').waitFor();
    await expectAccessible(page);
    expect(page.url()).toMatch(/#\/forecast\/[^?]+\?task=sort$/);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('holds the whole state of a view in the address, and steps back through it', async () => {
    const { page } = await open(`#/run/${run}`);
    await page.getByRole('radio', { name: 'steps' }).check();
    await page.getByLabel('fit heights').check();
    await page.getByRole('link', { name: 'sort', exact: true }).click();
    await page.getByRole('link', { name: 'Questions of sort' }).waitFor();
    const address = page.url();
    expect(address.slice(address.indexOf('#'))).toBe(
      `#/run/${run}?x=step&y=fit&task=${suite}%2Fsort`,
    );
    const { page: again } = await openPage(browser, address);
    await again.getByRole('link', { name: 'Questions of sort' }).waitFor();
    expect(await again.getByLabel('fit heights').isChecked()).toBe(true);
    expect(await again.getByRole('radio', { name: 'steps' }).isChecked()).toBe(true);
    await page.goBack();
    await page.getByText('in points; a task’s name opens it').waitFor();
    await page.context().close();
    await again.context().close();
  });

  it('is used by the keyboard alone', async () => {
    const { page } = await open('#/overview');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');

    await page.getByRole('button', { name: 'Measured' }).focus();
    await page.keyboard.press('Enter');
    const column = page.getByRole('columnheader', { name: 'Measured' });
    await expect.poll(() => column.getAttribute('aria-sort')).toBe('ascending');
    expect(page.url()).toMatch(/sort=measured$/);
    const rows = page.getByRole('group', { name: `Tasks of ${run}` }).getByRole('rowheader');
    expect(await rows.first().textContent()).toBe('lookup');

    await page.goto(`${service.url}#/run/${run}?task=${suite}%2Fsort`);
    const timeline = chart(page, /^sort of d128L4\. Measured at 12 checkpoints/);
    await timeline.locator('svg').waitFor();
    await timeline.focus();
    await page.keyboard.press('ArrowRight');
    const read = timeline.getByRole('status');
    await expect
      .poll(() => read.textContent())
      .toMatch(/stage1-step2604-tokens24M\s+measured 99\.3/);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => read.textContent()).toMatch(/stage1-step1953-tokens18M/);
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => read.textContent()).toMatch(/predicted .* by first/);
    await page.context().close();
  });

  it('opens a question from the heat map and closes it again', async () => {
    const { page } = await open(`#/task/sort?suite=${suite}&run=${run}`);
    const map = chart(page, /^sort of d128L4, known/);
    await map.focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowDown');
    const cell = await map.getByRole('status').textContent();
    const item = /^sort-\d+/.exec(cell ?? '')?.[0] ?? 'no question under the cursor';
    await page.keyboard.press('Enter');
    const drawer = page.getByRole('complementary', { name: `Question ${item}` });
    await drawer.getByRole('heading', { name: 'Answers' }).waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe(item);
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });

    const box = await map.boundingBox();
    await map.click({ position: { x: (box?.width ?? 0) / 2, y: 40 } });
    await page.getByRole('complementary').waitFor();
    expect(page.url()).toMatch(/&item=sort-\d+/);
    await page.context().close();
  });

  it('reads a matrix of transfer cell by cell, beside its baselines', async () => {
    const { page, complaints } = await open(`#/probes/${probe}`);
    const map = chart(page, /^Transfer on tiny: AUROC of probe, unseen questions/);
    await map.focus();
    await page.keyboard.press('ArrowRight');
    const read = map.getByRole('status');
    await expect
      .poll(() => read.textContent())
      .toMatch(
        /learned up to stage1-step182-tokens2M, scored on stage1-step286-tokens3M\s*AUROC 0\.\d+, persistence 0\.500/,
      );
    await page.getByRole('radio', { name: 'persistence' }).check();
    await page.getByRole('radio', { name: 'level error' }).check();
    await chart(page, /^Transfer on tiny: level error of persistence, unseen questions/).waitFor();
    expect(page.url()).toMatch(/\?by=persistence&score=level$/);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it.each([
    ['run', `#/run/${run}`, run],
    ['forecast', '#/forecast/', 'tiny at d128L4/stage1-step2604-tokens24M'],
    ['task', '#/task/sort?suite=tiny', 'tiny · sort'],
    ['probe', `#/probes/${probe}`, probe],
  ])('leads on from an address of no %s', async (what, address, name) => {
    const place = address.split('/')[1] ?? '';
    const { page, complaints } = await open(`#/${place}/nope`);
    await page.getByRole('heading', { name: `There is no ${what} nope` }).waitFor();
    await page.locator('main').getByRole('link', { name, exact: true }).click();
    await page.getByRole('heading', { name: 'There is no' }).waitFor({ state: 'detached' });
    await page.locator('main h1').waitFor();
    expect(page.url()).toContain(address);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('changes the theme, and keeps it', async () => {
    const { page } = await open('#/overview', { colorScheme: 'light' });
    await page.getByRole('button', { name: 'Use the dark theme' }).click();
    await page.reload();
    await page.getByRole('button', { name: 'Use the light theme' }).waitFor();
    expect(await page.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe(
      'dark',
    );
    await page.context().close();
  });

  it('exports a chart as CSV, SVG and PNG, and shows it as a table', async () => {
    const { page } = await open(`#/run/${run}?task=${suite}%2Fsort`);
    await chart(page, /^sort of d128L4/)
      .locator('svg')
      .waitFor();
    const take = async (format: string): Promise<{ name: string; content: Buffer }> => {
      await page.getByRole('button', { name: 'Export sort of d128L4' }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: format, exact: true }).click(),
      ]);
      return { name: download.suggestedFilename(), content: await readFile(await download.path()) };
    };
    const csv = await take('CSV');
    expect(csv.name).toBe('sort-of-d128l4.csv');
    const lines = csv.content.toString().split('\r\n');
    expect(lines[0]).toBe('suite,task,kind,source,checkpoint,step,tokens,flops,value,low,high');
    expect(lines.filter((line) => line.startsWith('tiny,sort,measured,'))).toHaveLength(12);
    expect(lines.filter((line) => line.startsWith('tiny,sort,predicted,first,'))).toHaveLength(1);

    const svg = (await take('SVG')).content.toString();
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).toContain('sort of d128L4</text>');
    const png = await take('PNG');
    expect(png.content.subarray(0, 8)).toEqual(Buffer.from('89504e470d0a1a0a', 'hex'));

    await page.getByRole('button', { name: 'Export sort of d128L4' }).click();
    await page.getByRole('button', { name: 'Show as a table' }).click();
    const table = page.getByRole('group', { name: 'sort of d128L4, as a table' });
    expect(await table.getByText(predicted).first().isVisible()).toBe(true);
    await page.context().close();
  });
});
