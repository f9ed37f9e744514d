/** Waits until a page of the dashboard has everything on it that it shows at first, and has drawn it. */
export async function pageDrawn(page) {
  await page.getByText('live', { exact: true }).waitFor();
  await page.locator('main :is(svg.plot, canvas, .interval-bar, table)').first().waitFor();
  await page.waitForFunction(() => document.querySelector('p.loading[role=status]') === null);
  // Charts are drawn as they come near: two frames later all that is seen stands.
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
}
