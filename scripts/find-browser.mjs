// Finds a Chromium: for the browser tests and the screenshots.
import { access } from 'node:fs/promises';
import { env } from 'node:process';

const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

// In a container Chromium's own sandbox needs rights that a test has not.
const args = ['--no-sandbox', '--font-render-hinting=none'];

export async function findBrowser() {
  for (const path of [env.SONDE_BROWSER, ...installed]) {
    if (path !== undefined && (await exists(path))) return { path, args };
  }
  try {
    // It unpacks itself, and is made for Linux on x64 alone.
    const { default: chromium } = await import('@sparticuz/chromium');
    return { path: await chromium.executablePath(), args };
  } catch {
    return null;
  }
}

async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}
