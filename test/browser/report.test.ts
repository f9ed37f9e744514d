/** The dashboard as `sonde report` writes it: opened from a disk, and from a file server that knows nothing of it. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { expectAccessible, launchBrowser, openPage } from '../helpers/open-pages.ts';
import { runJson, runSonde } from '../helpers/run-sonde.ts';
import { filled, fillStore } from '../helpers/watched-store.ts';

const { run, suite, probe } = filled;

describe('sonde report', () => {
  let folder = '';
  let out = '';
  let written: unknown;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sonde-report-'));
    out = join(folder, 'site');
    await fillStore(join(folder, '.sonde'));
    await mkdir(join(out, 'data'), { recursive: true });
    await writeFile(join(out, 'data', 'index.js'), 'an earlier report');
    await writeFile(join(out, 'data', '9999.js'), 'a file of it');
    const at = ['--store', join(folder, '.sonde'), 'report', '--out', out];
    written = await runJson([...at, '--questions', '150']);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('says what it wrote in place of an earlier report', async () => {
    const names = await readdir(join(out, 'data'));
    expect(names).not.toContain('9999.js');
    expect(written).toMatchObject({
      out,
      page: join(out, 'index.html'),
      answers: names.length - 1,
      // One task of the run that changed last; fifteen tasks of six runs are known.
      questions: { written: 140, of: 6 * 15 * 140 },
    });
    expect((await readdir(folder)).sort()).toEqual(['.sonde', 'site']);
  });

  it('writes into no folder that holds something else', async () => {
    const other = await mkdtemp(join(folder, 'other-'));
    await writeFile(join(other, 'thesis.tex'), '');
    const refused = await runSonde([
      ...['--store', join(folder, '.sonde'), 'report'],
      ...['--out', other],
    ]);
    expect(refused).toEqual({
      code: 2,
      stdout: '',
      stderr: `sonde: --out: ${other} holds something else than a report, such as thesis.tex: name a new folder\n`,
    });
    await rm(other, { recursive: true });
  });

  describe.skipIf(inject('browser') === null)('in a browser', () => {
    let browser: Browser;
    let server: Server;
    beforeAll(async () => {
      browser = await launchBrowser();
      server = await serveFiles(out);
    });
    afterAll(async () => {
      await browser.close();
      server.closeAllConnections();
      server.close();
    });

    const views: readonly (readonly [name: string, address: string, text: string | RegExp])[] = [
      ['overview', '', 'latest checkpoint stage1-step2604-tokens24M'],
      ['run', `#/run/${run}?task=${suite}%2Fsort`, 'Questions of sort'],
      ['task', `#/task/sort?suite=${suite}&run=${run}`, '140 questions'],
      ['question', `#/task/add?suite=${suite}&run=${run}&item=add-003`, 'accepted'],
      ['compare', '#/compare', 'paired, 95 % intervals'],
      ['forecasts', '#/forecast', 'd128L4/stage1-step2604-tokens24M'],
      ['probe', `#/probes/${probe}`, 'AUROC of stored predictions'],
      ['transfer', `#/probes/${probe}?by=persistence`, 'Rows: learned up to'],
      ['data', '#/data', '.sonde-refused.csv'],
    ];

    it.each(views)('shows %s from the disk', async (_name, address, text) => {
      const page = `${pathToFileURL(join(out, 'index.html')).href}${address}`;
      const opened = await openPage(browser, page);
      await opened.page.getByText(text).first().waitFor();
      await opened.page.getByText(/^report of /).waitFor();
      expect(opened.complaints).toEqual([]);
      await opened.page.context().close();
    });

    it('shows the same from a file server, accessible as it is live', async () => {
      const { port } = server.address() as AddressInfo;
      const { page, complaints } = await openPage(browser, `http://127.0.0.1:${port}/index.html`);
      for (const [name, address, text] of views) {
        await page.goto(`http://127.0.0.1:${port}/index.html${address}`);
        await page.getByText(text).first().waitFor();
        if (name === 'overview') await expectAccessible(page);
      }
      expect(complaints).toEqual([]);
      await page.context().close();
    });

    it('offers to compare only what it holds', async () => {
      const home = pathToFileURL(join(out, 'index.html')).href;
      const { page, complaints } = await openPage(browser, `${home}#/compare`);
      await page.getByText('paired, 95 % intervals').waitFor();
      // The one run of several checkpoints.
      expect(
        await page.getByLabel('Pair of this report').locator('option').allTextContents(),
      ).toEqual([`${run}/stage1-step1953-tokens18M → ${run}/stage1-step2604-tokens24M`]);
      expect(complaints).toEqual([]);
      await page.context().close();
    });

    it('says what is not in it, and what is damaged', async () => {
      const home = pathToFileURL(join(out, 'index.html')).href;
      const outside = await openPage(browser, `${home}#/compare?a=here&b=there`);
      await outside.page
        .getByText('This is not part of the report. `sonde serve` shows all that the store holds.')
        .waitFor();
      const index = await readFile(join(out, 'data', 'index.js'), 'utf8');
      const file = /overview\\":\\"(\d+\.js)/.exec(index)?.[1] ?? 'the overview has no file';
      const content = await readFile(join(out, 'data', file), 'utf8');
      await rm(join(out, 'data', file));
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(home);
      await page
        .getByText(`The report's file data/${file} is missing or damaged`, { exact: false })
        .waitFor();
      await writeFile(join(out, 'data', file), content);
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByText('latest checkpoint stage1-step2604-tokens24M').waitFor();
    });
  });
});

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** Files of a folder by their path, as any web server gives them. */
async function serveFiles(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    readFile(join(folder, pathname)).then(
      (content) => {
        response.setHeader('Content-Type', types[extname(pathname)] ?? 'application/octet-stream');
        response.end(content);
      },
      () => {
        response.statusCode = 404;
        response.end();
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
