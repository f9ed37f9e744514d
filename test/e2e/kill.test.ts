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

type Killed = { readonly kills: number; readonly report: Record<string, unknown> };

/** Runs until it is done, killing every start after a little longer than the one before; `afterKill` looks at what is kept. */
async function runThroughKills(
  args: readonly string[],
  { firstKillMs, factor }: { readonly firstKillMs: number; readonly factor: number },
  afterKill: () => Promise<void> = () => Promise.resolve(),
): Promise<Killed> {
  for (let kills = 0; ; kills += 1) {
    const killAfterMs = firstKillMs * factor ** kills;
    const { code, stdout, stderr } = await runSonde([...args, '--json'], { killAfterMs });
    if (code === 0) return { kills, report: JSON.parse(stdout) as Record<string, unknown> };
    if (code !== null) throw new Error(`exit ${code}: ${stderr}`);
    await afterKill();
  }
}

/** Files of hidden states in a store, by their names in its folder. */
function kept(store: string): string[] {
  const activations = join(folder, store, 'activations');
  return readdirSync(activations).flatMap((weights) =>
    readdirSync(join(activations, weights)).map((name) => join(weights, name)),
  );
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
    const undisturbed = await runJson<{ tokens: number }>(command('undisturbed'));
    // The pass itself takes little of a start: small steps, so that some of them end inside it.
    const steps = { firstKillMs: 700, factor: 1.2 };
    const { kills, report } = await runThroughKills(command('killed'), steps);
    expect(kills).toBeGreaterThanOrEqual(2);
    // The last start did not begin anew.
    expect(report['tokens']).toBeLessThan(undisturbed.tokens);
    // Not `toEqual`: over ten million bytes it takes minutes.
    const [killedBytes, undisturbedBytes] = ['killed', 'undisturbed'].map((name) =>
      readFileSync(join(folder, `${name}.safetensors`)),
    );
    expect(killedBytes!.equals(undisturbedBytes!)).toBe(true);
    const left = kept('killed');
    expect(left.filter((name) => !name.endsWith('.safetensors'))).toEqual([]);
    expect(left).toEqual(kept('undisturbed'));
    for (const name of left) {
      // With what is never written out: next tokens and likelihoods.
      const [killed, undisturbed] = ['killed', 'undisturbed'].map((each) =>
        readFileSync(join(folder, each, 'activations', name)),
      );
      expect(killed!.equals(undisturbed!)).toBe(true);
    }
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
    const counts: number[] = [];
    const { kills } = await runThroughKills(
      command('labelled-killed'),
      { firstKillMs: 800, factor: 1.35 },
      async () => {
        await using store = await openStore(join(folder, 'labelled-killed'));
        counts.push((await store.answers.list()).length);
      },
    );
    expect(kills).toBeGreaterThanOrEqual(1);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    const read = async (name: string): Promise<unknown> => {
      await using store = await openStore(join(folder, name));
      return { outcomes: await store.outcomes.list(), answers: await store.answers.list() };
    };
    expect(await read('labelled-killed')).toEqual(await read('labelled'));
  });
});
