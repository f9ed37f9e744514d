import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSonde, series } from '../helpers/run-sonde.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  }
).version;

/** Runs in a store of the test's own. */
async function run(
  ...args: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return await runSonde(['--store', join(folder, 'store'), ...args]);
}

describe('exit codes and messages', () => {
  it('prints the version', async () => {
    expect(await runSonde(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('shows help', async () => {
    const { code, stdout } = await runSonde(['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: sonde');
  });

  it.each([
    { args: ['frobnicate'], message: "unknown command 'frobnicate'" },
    { args: ['fit'], message: "required option '--suite <suite>' not specified" },
    {
      args: ['inspect', 'nowhere'],
      message: `found nothing at ${join(series, 'nowhere')}`,
    },
    {
      args: ['fit', '--suite', 'suite', '--checkpoints', 'a,,b'],
      message: '--checkpoints: expected names separated by commas, got `a,,b`',
    },
    {
      args: ['fit', '--suite', 'suite', '--checkpoints', 'a', '--holdout', '1.5'],
      message: '--holdout: expected a number from 0 to 0.9, got `1.5`',
    },
    {
      args: ['label', 'd128L4/stage1-step26-tokens240K', '--suite', 'suite', '--samples', 'ten'],
      message: '--samples: expected a whole number from 1 up, got `ten`',
    },
    {
      args: ['predict', 'd128L4/stage1-step26-tokens240K', '--probe', 'none'],
      message:
        '--probe: no probe `none` (the store has none yet); fit one with sonde fit --name none',
    },
    {
      args: ['extract', 'd128L4/stage1-step26-tokens240K', '--suite', 'absent'],
      message:
        '--suite: expected a folder with suite.yaml and items.jsonl, or a suite of the store, got `absent` (the store keeps none yet)',
    },
    {
      args: ['extract', 'no/such', '--suite', 'suite'],
      message:
        'checkpoints: expected a checkpoint’s folder or an id that the store knows, got `no/such`',
    },
  ])('$args: exit 2, nothing on stdout', async ({ args, message }) => {
    const { code, stdout, stderr } = await run(...args, '--json');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('takes globals before and after the verb', async () => {
    const before = await run('--json', 'status');
    const after = await run('status', '--json');
    expect(before.stdout).toBe(after.stdout);
    expect(JSON.parse(after.stdout)).toEqual({
      schemaVersion: 1,
      sonde: version,
      tasks: [],
      gaps: [],
    });
  });

  it('takes relative paths from the folder where npm was called', async () => {
    const root = join(import.meta.dirname, '..', '..');
    const { code, stdout } = await runSonde(
      ['inspect', 'stage1-step26-tokens240K', '--json', '--store', join(folder, 'npm')],
      {
        cwd: root,
        env: {
          INIT_CWD: join(series, 'd128L4'),
          npm_lifecycle_event: 'sonde',
          npm_package_json: join(root, 'package.json'),
        },
      },
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      checkpoints: [{ checkpoint: 'd128L4/stage1-step26-tokens240K', supported: true }],
    });
  });

  it('refuses a store that is a file', async () => {
    writeFileSync(join(folder, 'file'), '');
    const { code, stderr } = await runSonde(['status', '--store', join(folder, 'file')]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `sonde: --store: expected a folder, got the file ${join(folder, 'file')}\n`,
    );
  });
});
