/** What happens in the store reaches an open page. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { serveProxy } from '../helpers/serve-proxy.ts';
import { launchBrowser, openPage } from '../helpers/open-pages.ts';
import { runJson, runSonde, series } from '../helpers/run-sonde.ts';
import { type ServedStore, serveStore } from '../helpers/serve-store.ts';

describe.skipIf(inject('browser') === null)('an open page', () => {
  let folder = '';
  let store = '';
  let browser: Browser;
  let service: ServedStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sonde-live-'));
    store = join(folder, '.sonde');
    service = await serveStore(store);
    browser = await launchBrowser();
  });
  afterEach(async () => {
    await browser.close();
    await service.stop();
    await rm(folder, { recursive: true });
  });

  /** Outcomes of one checkpoint of the bundled series. */
  const importStep = async (step: number): Promise<void> => {
    const [header, ...rows] = (await readFile(join(series, 'outcomes.csv'), 'utf8')).split('\n');
    const chosen = rows.filter((row) => row.split(',')[5] === String(step));
    const path = join(folder, `step${step}.csv`);
    await writeFile(path, [header, ...chosen, ''].join('\n'));
    await runJson(['--store', store, 'import', path]);
  };

  it('begins empty, and shows each new checkpoint by itself', async () => {
    const { page, complaints } = await openPage(browser, service.url);
    await page.getByRole('heading', { name: 'The store is empty' }).waitFor();
    await page.getByText('sonde watch runs/').waitFor();
    await page.goto(`${service.url}#/probes`);
    await page.getByText('sonde fit --suite SUITE').waitFor();
    await page.getByText('sonde transfer --suite SUITE --checkpoints ID,ID,ID').waitFor();
    await page.goto(service.url);
    await importStep(1953);
    await page.getByText('latest checkpoint stage1-step1953-tokens18M').waitFor();
    await importStep(2604);
    await page.getByText('latest checkpoint stage1-step2604-tokens24M').waitFor();
    const parity = page.getByRole('row', { name: /^parity/ });
    await parity.getByText('+32.9').waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows a refused import until it comes in', async () => {
    await importStep(2604);
    const { page, complaints } = await openPage(browser, `${service.url}#/data`);
    await page.getByText('Nothing was refused that did not come in afterwards.').waitFor();
    const [header = '', row = ''] = (await readFile(join(folder, 'step2604.csv'), 'utf8')).split(
      '\n',
    );
    const other = join(folder, 'other.csv');
    const cells = row.split(',');
    const k = header.split(',').indexOf('k');
    await writeFile(
      other,
      [header, cells.with(k, cells[k] === '1' ? '2' : '1').join(','), ''].join('\n'),
    );
    const { code } = await runSonde(['--store', store, 'import', other]);
    expect(code).toBe(2);
    const refused = page
      .getByRole('group', { name: 'Refused imports' })
      .getByRole('row', { name: /^other\.csv/ });
    await refused.getByText('pass --replace').waitFor();
    expect(await refused.textContent()).not.toContain(folder);
    await runJson(['--store', store, 'import', other, '--replace']);
    await page.getByText('Nothing was refused that did not come in afterwards.').waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows an alert as it opens, and acknowledges it for all who watch', async () => {
    await importStep(2604);
    const { page } = await openPage(browser, service.url);
    const { page: other } = await openPage(browser, service.url);
    await using opened = await openStore(store);
    await opened.alerts.write({
      schemaVersion: 1,
      id: 'drop-1',
      kind: 'drop',
      run: 'd128L4',
      checkpoint: 'd128L4/stage1-step2604-tokens24M',
      suite: 'tiny',
      task: 'sort',
      probe: 'first',
      message: 'sort fell by 12.0 points <img src=x onerror=alert(1)>',
      value: 0.3,
      reference: 0.42,
      threshold: 0.05,
      openedAt: '2026-01-02T00:00:00.000Z',
      lastSeenAt: '2026-01-02T00:00:00.000Z',
      closedAt: null,
      notified: [],
    });
    await page.getByText('sort fell by 12.0 points <img src=x onerror=alert(1)>').waitFor();
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByLabel('Your name, for the others').fill('Ada');
    await page.keyboard.press('Enter');
    await page.getByText('seen by Ada').waitFor();
    await other.getByText('seen by Ada').waitFor();
  });

  it('says that the service is gone, keeps what it showed, and comes back with it', async () => {
    await importStep(1953);
    const { page } = await openPage(browser, service.url);
    await page.getByText('live', { exact: true }).waitFor();
    const port = Number(new URL(service.url).port);
    await service.stop();
    await page.getByText('connection lost').waitFor();
    await page.getByText('latest checkpoint stage1-step1953-tokens18M').waitFor();
    await importStep(2604);
    service = await serveStore(store, port);
    await page.getByText('live', { exact: true }).waitFor();
    await page.getByText('latest checkpoint stage1-step2604-tokens24M').waitFor();
  });

  it('comes back by itself where a proxy refused it for a while', async () => {
    await importStep(1953);
    await using proxy = await serveProxy(service.url);
    const { page } = await openPage(browser, service.url.replace(/:\d+/, `:${proxy.port}`));
    await page.getByText('live', { exact: true }).waitFor();
    proxy.isDown = true;
    proxy.cut();
    await page.getByText('connection lost').waitFor();
    await vi.waitUntil(() => proxy.refused > 0, { timeout: 20_000 });
    await importStep(2604);
    proxy.isDown = false;
    await page.getByText('live', { exact: true }).waitFor();
    await page.getByText('latest checkpoint stage1-step2604-tokens24M').waitFor();
  });

  it('loads in a seventh tab: only tabs that are seen hold a connection', async () => {
    await importStep(1953);
    const { page: first } = await openPage(browser, service.url);
    const shown = 'latest checkpoint stage1-step1953-tokens18M';
    await first.getByText('live', { exact: true }).waitFor();
    await setVisibility(first, 'hidden');
    for (let tab = 2; tab <= 7; tab++) {
      const page = await first.context().newPage();
      await page.goto(service.url);
      await page.getByText(shown).waitFor();
      await page.getByText('live', { exact: true }).waitFor();
      await setVisibility(page, 'hidden');
    }
    await importStep(2604);
    await setVisibility(first, 'visible');
    await first.getByText('latest checkpoint stage1-step2604-tokens24M').waitFor();
    await first.getByText('live', { exact: true }).waitFor();
  });

  it('answers in a browser that is offline, as the service is on the same machine', async () => {
    await importStep(1953);
    const { page } = await openPage(browser, service.url);
    await page.getByText('live', { exact: true }).waitFor();
    // Not Playwright's own: that would cut this machine off too.
    await page.evaluate(
      `Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => false });
      window.dispatchEvent(new Event('offline'));`,
    );
    await page.goto(`${service.url}#/data`);
    await page.getByText('Nothing was refused that did not come in afterwards.').waitFor();
  });

  it('shows names out of logs as text, whatever they hold', async () => {
    const name = '<img src=x onerror=alert(1)>';
    const path = join(folder, 'hostile.csv');
    const row = `"${name}","${name}","${name}","${name}/step1",1,2`;
    await writeFile(path, `suite,task,item,checkpoint,k,n\n${row}\n`);
    await runJson(['--store', store, 'import', path]);
    const { page, complaints } = await openPage(browser, service.url);
    await page.getByRole('link', { name, exact: true }).last().click();
    await page.getByRole('heading', { name }).first().waitFor();
    expect(await page.locator('img').count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});

/** As the browser does it to a tab that another one covers; Playwright keeps every page visible. */
async function setVisibility(page: Page, state: 'visible' | 'hidden'): Promise<void> {
  await page.evaluate(
    `Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => '${state}' });
    document.dispatchEvent(new Event('visibilitychange'));`,
  );
}
