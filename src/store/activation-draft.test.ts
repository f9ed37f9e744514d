import { spawn } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UserError } from '../error/index.ts';
import { type ActivationDraft, openActivationDraft } from './activation-draft.ts';
import { openActivationFile } from './activation-file.ts';
import type { ActivationLayout } from './activation-layout.ts';

const layout: ActivationLayout = {
  items: ['a', 'b', 'c'],
  layers: [0, 2],
  hidden: 2,
  pools: ['last', 'output'],
  dtype: 'F32',
  metadata: { checkpoint: 'r/1' },
};

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-draft-'));
  path = join(folder, 'states.safetensors');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Values that tell pool, row and place: row 1 of `last` holds 10, 11, 12, 13. */
function valuesOf(rows: readonly number[]): Record<string, Float32Array> {
  const of = (base: number): Float32Array =>
    Float32Array.from(rows.flatMap((row) => [0, 1, 2, 3].map((place) => base + 10 * row + place)));
  return { last: of(0), output: of(100) };
}

/** The number of a process of this machine that is gone. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--eval', '']);
  await new Promise((resolve) => child.on('close', resolve));
  return child.pid ?? 0;
}

/** The only draft in the folder. */
function draftPath(): string {
  const [name = ''] = readdirSync(folder).filter((entry) => entry.endsWith('.draft'));
  return join(folder, name);
}

function journalPath(): string {
  return join(draftPath(), 'journal');
}

/** Gives the only draft in the folder to another process. */
function giveDraftTo(owner: { host?: string; pid?: number; startedAt?: string }): void {
  const from = draftPath();
  const [prefix, plan, host, pid, startedAt, rest] = basename(from).split('~');
  const fields = [prefix, plan, owner.host ?? host, owner.pid ?? pid, owner.startedAt ?? startedAt];
  renameSync(from, join(folder, [...fields, rest].join('~')));
}

/** Gives the only draft in the folder to a process that is gone, as `kill -9` would leave it. */
async function orphanDraft(): Promise<void> {
  giveDraftTo({ pid: await deadPid() });
}

describe('activation drafts', () => {
  it('become one file of rows in the order of the items', async () => {
    const draft = await openActivationDraft(path, layout, 'plan');
    expect(await openActivationFile(path)).toBeNull();
    draft.write(0, Int32Array.of(2, 0), valuesOf([2, 0]));
    draft.write(1, Int32Array.of(1), valuesOf([1]));
    draft.finish();
    const file = await openActivationFile(path);
    expect(file?.items).toEqual(['a', 'b', 'c']);
    expect([...(await file!.states('last', 2))]).toEqual([2, 3, 12, 13, 22, 23]);
    expect([...(await file!.output())].slice(4, 8)).toEqual([110, 111, 112, 113]);
    expect(file?.metadata['checkpoint']).toBe('r/1');
    expect(readdirSync(folder)).toEqual(['states.safetensors']);
  });

  it('of a dead process are adopted with their finished batches', async () => {
    const killed = await openActivationDraft(path, layout, 'plan');
    killed.write(1, Int32Array.of(1), valuesOf([1]));
    killed.close();
    await orphanDraft();
    const draft = await openActivationDraft(path, layout, 'plan');
    expect([...draft.finished]).toEqual([1]);
    draft.write(0, Int32Array.of(2, 0), valuesOf([2, 0]));
    draft.finish();
    expect([...(await (await openActivationFile(path))!.states('last', 0))]).toEqual([
      0, 1, 10, 11, 20, 21,
    ]);
    expect(readdirSync(folder)).toEqual(['states.safetensors']);
  });

  it('of another boot count only what was flushed', async () => {
    const killed = await openActivationDraft(path, layout, 'plan');
    killed.write(1, Int32Array.of(1), valuesOf([1]));
    killed.close();
    writeFileSync(journalPath(), 'another-boot\n0\nflushed\n1\n');
    await orphanDraft();
    const draft = await openActivationDraft(path, layout, 'plan');
    expect([...draft.finished]).toEqual([0]);
    draft.close();
  });

  it('of another boot vouch no more for what was not flushed, once they are adopted', async () => {
    const killed = await openActivationDraft(path, layout, 'plan');
    killed.close();
    writeFileSync(journalPath(), 'another-boot\n0\nflushed\n1\n2\n');
    await orphanDraft();
    const adopted = await openActivationDraft(path, layout, 'plan');
    expect([...adopted.finished]).toEqual([0]);
    adopted.write(1, Int32Array.of(1), valuesOf([1]));
    const now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(now + 60_000);
    adopted.write(3, Int32Array.of(2), valuesOf([2]));
    clock.mockRestore();
    expect(readFileSync(journalPath(), 'utf8')).toMatch(/^[^\n]+\n0\nflushed\n1\n3\nflushed\n$/);
    adopted.close();
    await orphanDraft();
    const again = await openActivationDraft(path, layout, 'plan');
    expect([...again.finished]).toEqual([0, 1, 3]);
    again.close();
  });

  it('with a torn last line go on on a line of their own', async () => {
    const killed = await openActivationDraft(path, layout, 'plan');
    killed.write(1, Int32Array.of(1), valuesOf([1]));
    killed.close();
    appendFileSync(journalPath(), '2');
    await orphanDraft();
    const adopted = await openActivationDraft(path, layout, 'plan');
    adopted.write(0, Int32Array.of(0), valuesOf([0]));
    adopted.close();
    await orphanDraft();
    const again = await openActivationDraft(path, layout, 'plan');
    expect([...again.finished]).toEqual([1, 0]);
    again.close();
  });

  it('with damaged data are begun anew', async () => {
    const killed = await openActivationDraft(path, layout, 'plan');
    killed.write(1, Int32Array.of(1), valuesOf([1]));
    killed.close();
    truncateSync(join(draftPath(), 'activations.safetensors'), 20);
    const draft = await openActivationDraft(path, layout, 'plan');
    expect([...draft.finished]).toEqual([]);
    draft.write(0, Int32Array.of(0, 1, 2), valuesOf([0, 1, 2]));
    draft.finish();
    expect(readdirSync(folder)).toEqual(['states.safetensors']);
  });

  it('of an earlier attempt of this process are adopted', async () => {
    const aborted = await openActivationDraft(path, layout, 'plan');
    aborted.write(1, Int32Array.of(1), valuesOf([1]));
    aborted.close();
    const draft = await openActivationDraft(path, layout, 'plan');
    expect([...draft.finished]).toEqual([1]);
    draft.discard();
  });

  it('of a living process are kept however long it is silent', async () => {
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)']);
    try {
      const silent = await openActivationDraft(path, layout, 'plan');
      silent.close();
      giveDraftTo({ pid: child.pid ?? 0, startedAt: '' });
      utimesSync(journalPath(), new Date(0), new Date(0));
      const own = await openActivationDraft(path, layout, 'plan');
      own.write(0, Int32Array.of(0, 1, 2), valuesOf([0, 1, 2]));
      own.finish();
      expect(readdirSync(folder)).toHaveLength(2);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('of another host are adopted after long silence only', async () => {
    const first = await openActivationDraft(path, layout, 'plan');
    first.write(1, Int32Array.of(1), valuesOf([1]));
    first.close();
    giveDraftTo({ host: 'elsewhere' });
    const journal = journalPath();
    const own = await openActivationDraft(path, layout, 'plan');
    expect([...own.finished]).toEqual([]);
    own.discard();
    utimesSync(journal, new Date(0), new Date(0));
    const adopted = await openActivationDraft(path, layout, 'plan');
    expect([...adopted.finished]).toEqual([1]);
    adopted.discard();
  });

  it('that were taken over end in words for the user', async () => {
    for (const end of [
      (draft: ActivationDraft) => {
        draft.write(0, Int32Array.of(0), valuesOf([0]));
      },
      (draft: ActivationDraft) => {
        draft.finish();
      },
    ]) {
      const draft = await openActivationDraft(path, layout, 'plan');
      giveDraftTo({ host: 'elsewhere' });
      expect(() => {
        end(draft);
      }).toThrow(
        new UserError(
          `\`activations\`: another process took this extraction over, since this one wrote nothing for long: start again to use what it has done (in ${path})`,
        ),
      );
      draft.close();
      rmSync(draftPath(), { recursive: true });
    }
  });

  it('of another batch plan are removed', async () => {
    const killed = await openActivationDraft(path, layout, 'old plan');
    killed.write(0, Int32Array.of(0), valuesOf([0]));
    killed.close();
    await orphanDraft();
    const draft = await openActivationDraft(path, layout, 'new plan');
    expect([...draft.finished]).toEqual([]);
    draft.close();
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('of a living process are left alone: both end with the same file', async () => {
    const first = await openActivationDraft(path, layout, 'plan');
    const second = await openActivationDraft(path, layout, 'plan');
    expect([...second.finished]).toEqual([]);
    for (const draft of [first, second]) {
      draft.write(0, Int32Array.of(0, 1, 2), valuesOf([0, 1, 2]));
      draft.finish();
    }
    expect(readdirSync(folder)).toEqual(['states.safetensors']);
    expect([...(await (await openActivationFile(path))!.states('last', 0))]).toEqual([
      0, 1, 10, 11, 20, 21,
    ]);
  });

  it('are gone when they are discarded', async () => {
    const draft = await openActivationDraft(path, layout, 'plan');
    draft.write(0, Int32Array.of(0), valuesOf([0]));
    draft.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keep half-width states on request, and what the head says in full', async () => {
    const pools = ['last', 'output', 'nextTokens', 'likelihood'] as const;
    const draft = await openActivationDraft(path, { ...layout, pools, dtype: 'BF16' }, 'plan');
    const nextTokens = Float32Array.from({ length: 48 }, (_, i) => 100_000 + i);
    const likelihood = Float32Array.from({ length: 12 }, (_, i) => -0.1 * i);
    draft.write(0, Int32Array.of(0, 1, 2), { ...valuesOf([0, 1, 2]), nextTokens, likelihood });
    draft.finish();
    const file = await openActivationFile(path);
    const kept = Array.from(file!.tensors.values(), ({ name, dtype }) => [name, dtype]);
    expect(Object.fromEntries(kept)).toEqual({
      last: 'BF16',
      output: 'F32',
      nextTokens: 'F32',
      likelihood: 'F32',
    });
    expect([...(await file!.states('last', 2))]).toEqual([2, 3, 12, 13, 22, 23]);
    expect(await file!.nextTokens()).toEqual(nextTokens);
    expect(await file!.likelihood()).toEqual(likelihood);
  });

  it('without next tokens and likelihoods become a file without', async () => {
    const draft = await openActivationDraft(path, layout, 'plan');
    draft.write(0, Int32Array.of(0, 1, 2), valuesOf([0, 1, 2]));
    draft.finish();
    const file = await openActivationFile(path);
    expect([await file!.nextTokens(), await file!.likelihood()]).toEqual([null, null]);
  });
});
