import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { runJson, runSonde } from '../helpers/run-sonde.ts';

const checkpoint = 'd128L4/stage1-step2604-tokens24M';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-kill-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs until it is done, killing every start after a little longer than the one before. */
async function runThroughKills(
  args: readonly string[],
  firstKillMs: number,
  growth: number,
): Promise<number> {
  for (let kills = 0; ; kills += 1) {
    const killAfterMs = firstKillMs * growth ** kills;
    const { code, stderr } = await runSonde(args, { killAfterMs });
    if (code === 0) return kills;
    if (code !== null) throw new Error(`exit ${code}: ${stderr}`);
  }
}

describe('kill -9', () => {
  it('extraction goes on where it was killed, and ends with the same bytes', async () => {
    const command = (name: string): string[] => [
      '--store',
      join(folder, name),
      'extract',
      checkpoint,
      '--suite',
      'suite',
      '--pool',
      'last,mean,output',
      '--out',
      join(folder, `${name}.safetensors`),
    ];
    await runJson(command('undisturbed'));
    const kills = await runThroughKills(command('killed'), 700, 1.35);
    expect(kills).toBeGreaterThanOrEqual(2);
    expect(readFileSync(join(folder, 'killed.safetensors'))).toEqual(
      readFileSync(join(folder, 'undisturbed.safetensors')),
    );
    const activations = join(folder, 'killed', 'activations');
    const left = readdirSync(activations).flatMap((name) => readdirSync(join(activations, name)));
    expect(left.filter((name) => !name.endsWith('.safetensors'))).toEqual([]);
  });

  it('labelling goes on where it was killed, and ends with the same answers', async () => {
    const command = (name: string): string[] => [
      '--store',
      join(folder, name),
      'label',
      checkpoint,
      '--suite',
      'suite',
      '--tasks',
      'sort,add,copy,reverse,dyck',
      '--samples',
      '30',
    ];
    await runJson(command('labelled'));
    const kills = await runThroughKills(command('labelled-killed'), 800, 1.35);
    expect(kills).toBeGreaterThanOrEqual(1);
    const read = async (name: string): Promise<unknown> => {
      await using store = await openStore(join(folder, name));
      return { outcomes: await store.outcomes.list(), answers: await store.answers.list() };
    };
    expect(await read('labelled-killed')).toEqual(await read('labelled'));
  });
});
