import { type ChildProcess, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openStore, type StoredAlert } from '../../src/store/index.ts';
import type { WatchReport } from '../../src/watch/index.ts';
import { type Finished, runJson, runSonde, series } from '../helpers/run-sonde.ts';

const bin = fileURLToPath(new URL('../../dist/cli/bin.js', import.meta.url));
const fitted = ['26-tokens240K', '52-tokens479K', '104-tokens958K', '182-tokens2M'];
const tasks = ['add', 'count', 'max'];

let folder: string;
let dir: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-watch-'));
  dir = join(folder, 'd128L4');
  mkdirSync(dir);
  await runJson([...store('a'), 'import', 'outcomes.csv']);
  await runJson([
    ...[...store('a'), 'fit', '--suite', 'suite', '--probe', 'linear', '--name', 'p'],
    ...['--tasks', tasks.join(','), '--checkpoints'],
    fitted.map((name) => `d128L4/stage1-step${name}`).join(','),
  ]);
  for (const name of fitted) arrive(`stage1-step${name}`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const store = (name: string): string[] => ['--store', join(folder, name)];
const arrive = (name: string): void => {
  cpSync(join(series, 'd128L4', name), join(dir, name), { recursive: true });
};
const watchArgs = (more: readonly string[]): string[] => {
  return [...store('a'), 'watch', dir, '--probe', 'p', '--quiet-period', '0', ...more];
};
const once = (more: readonly string[] = []): Promise<Finished> => {
  return runSonde([...watchArgs(['--once']), ...more, '--json']);
};
const reportOf = ({ stdout }: Finished): WatchReport => JSON.parse(stdout) as WatchReport;

const late = 'stage1-step286-tokens3M';
const last = 'stage1-step417-tokens4M';

describe('sonde watch', () => {
  it('--once does what is due, and says what predict says', async () => {
    arrive(late);
    const finished = await once();
    const report = reportOf(finished);
    expect(report.checkpoints.map(({ checkpoint }) => checkpoint)).toEqual(
      [...fitted.map((name) => `stage1-step${name}`), late].map((name) => `d128L4/${name}`),
    );
    expect(report.failures).toEqual([]);
    const { checkpoints } = await runJson<{ checkpoints: [{ tasks: Record<string, unknown>[] }] }>([
      ...[...store('a'), 'predict', `d128L4/${late}`, '--probe', 'p'],
    ]);
    const told = report.checkpoints.at(-1)!.tasks;
    expect(
      told.map(({ task, predicted, low, high, status }) => ({
        task,
        predicted,
        low,
        high,
        status,
      })),
    ).toEqual(
      checkpoints[0].tasks.map(({ task, predicted, low, high, status }) => {
        return { task, predicted, low, high, status };
      }),
    );
    expect(told.every(({ change }) => (change?.minimalDetectableEffect ?? 0) > 0)).toBe(true);
    expect(report.steps).toBe(4 * 5);
    expect(finished.code).toBe(report.alerts.length === 0 ? 0 : 3);
  });

  it('a second look finds everything done', async () => {
    const [first, second] = [reportOf(await once()), reportOf(await once())];
    expect(second.steps).toBe(0);
    expect(second).toEqual(first);
  });

  it('a pruned checkpoint keeps its place, one that is being copied is waited for', async () => {
    const before = reportOf(await once());
    rmSync(join(dir, `stage1-step${fitted[0]!}`), { recursive: true });
    mkdirSync(join(dir, last));
    cpSync(join(series, 'd128L4', last, 'config.json'), join(dir, last, 'config.json'));
    const after = reportOf(await once());
    expect(after.waiting).toEqual([
      {
        ...{ dir: join(dir, last), state: 'incomplete' },
        reason: 'missing model.safetensors, tokenizer.json',
      },
    ]);
    expect(after.checkpoints).toEqual(
      before.checkpoints.map((one, index) => (index === 0 ? { ...one, modifiedAt: null } : one)),
    );
  });

  it('watching on takes a checkpoint that appears, and ends by a signal', async () => {
    const child = spawn(process.execPath, [bin, ...watchArgs(['--poll', '0.2', '--json'])], {
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
    arrive(last);
    await vi.waitFor(async () => expect(await doneJobs('estimate')).toContain(`d128L4/${last}`), {
      timeout: 60_000,
      interval: 200,
    });
    child.kill('SIGTERM');
    const code = await ended(child);
    const report = JSON.parse(await stdout) as WatchReport;
    expect(report.failures).toEqual([]);
    expect([0, 3]).toContain(code);
    expect(await stderr).not.toContain('bug');
  });

  it('alerts are listed and acknowledged; what nobody has seen makes exit code 3', async () => {
    const { alerts } = await runJson<{ alerts: { id: string }[] }>([
      ...store('a'),
      'alerts',
      '--all',
    ]);
    for (const { id } of alerts) {
      const { alert } = await runJson<{ alert: { acknowledgedBy: string } }>([
        ...[...store('a'), 'alerts', 'acknowledge', id, '--by', 'ada'],
      ]);
      expect(alert.acknowledgedBy).toBe('ada');
    }
    expect((await once()).code).toBe(0);
    const unknown = await runSonde([...store('a'), 'alerts', 'acknowledge', 'none']);
    expect(unknown).toMatchObject({
      ...{ code: 2, stdout: '' },
      stderr: 'sonde: alerts: no alert `none`; sonde alerts lists them\n',
    });
  });

  it('sonde.yaml says what to label, to forecast from, and where to export', async () => {
    await runJson([...store('a'), 'import', 'ladder.csv']);
    const ladder = ['d16L2', 'd32L2', 'd32L3', 'd48L3', 'd64L4'].map(
      (name) => `${name}/stage1-step2604-tokens24M`,
    );
    const watched = {
      ...{ probes: ['p'], tasks: ['max'], ladder, quiet_period: 0 },
      ...{ label: { questions: 8, samples: 5 }, alerts: { ignore: ['below-forecast'] } },
      export: { tensorboard: 'logs', prometheus: 'sonde.prom', jsonl: 'all.jsonl' },
    };
    writeFileSync(join(folder, 'sonde.yaml'), JSON.stringify({ watch: watched }));
    const command = [...store('a'), 'watch', dir, '--once', '--json'];
    const finished = await runSonde(command, { cwd: folder });
    const { checkpoints, alerts, failures } = reportOf(finished);
    expect(failures).toEqual([]);
    expect(alerts.map(({ kind }) => kind)).not.toContain('below-forecast');
    const told = checkpoints.map(({ tasks: [task] }) => task!);
    expect(told.map(({ task }) => task)).toEqual(checkpoints.map(() => 'max'));
    // Smaller models of the ladder are enough for the later checkpoints alone.
    expect(told.at(-1)!.expected).toMatchObject({ forecast: expect.any(String) as string });
    const labelled = await doneJobs('label');
    expect(labelled.length).toBeGreaterThan(0);
    expect(
      checkpoints.flatMap(({ checkpoint }, at) => (told[at]!.labelled > 0 ? [checkpoint] : [])),
    ).toEqual(expect.arrayContaining(labelled));
    const lines = readFileSync(join(folder, 'all.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { predicted: number }).predicted)).toEqual(
      told.map(({ predicted }) => predicted),
    );
    expect(readdirSync(join(folder, 'logs', 'd128L4', 'p'))).toHaveLength(checkpoints.length);
    expect(readFileSync(join(folder, 'sonde.prom'), 'utf8')).toContain(
      `sonde_predicted_accuracy{run="d128L4",suite="tiny",task="max",probe="p"} ${told.at(-1)!.predicted}\n`,
    );
    expect(reportOf(await runSonde(command, { cwd: folder })).steps).toBe(0);
    rmSync(join(folder, 'sonde.yaml'));
  });

  it('an alert that is about other tasks too outlives a watch of some tasks', async () => {
    await using opened = await openStore(join(folder, 'a'));
    const about = { run: 'd128L4', checkpoint: `d128L4/${last}`, suite: 'tiny', probe: 'p' };
    const alert: StoredAlert = {
      ...{ schemaVersion: 1, id: 'drift-1', kind: 'drift', ...about, task: null },
      ...{ tasks: ['add', 'max'], message: 'm', value: null, reference: null, threshold: null },
      ...{ openedAt: '2026-01-01T00:00:00.000Z', lastSeenAt: '2026-01-01T00:00:00.000Z' },
      ...{ closedAt: null, notified: [] },
    };
    await opened.alerts.write(alert);
    await once(['--tasks', 'add']);
    expect((await opened.alerts.read('drift-1'))?.closedAt).toBeNull();
    await once(['--tasks', 'add,max']);
    expect((await opened.alerts.read('drift-1'))?.closedAt).not.toBeNull();
  });

  it('a folder that is not there is an error with --once', async () => {
    const missing = join(folder, 'nowhere');
    const args = [...store('a'), 'watch', missing, '--probe', 'p', '--once', '--json'];
    expect(await runSonde(args)).toMatchObject({
      ...{ code: 2, stdout: '' },
      stderr: `sonde: watch: expected a folder of checkpoints, found nothing at ${missing}; correct the path, or watch without --once, which waits for it\n`,
    });
  });

  it('without a probe, and with an unknown one, it says what to do', async () => {
    const none = await runSonde([...store('a'), 'watch', dir, '--once']);
    expect(none).toMatchObject({
      ...{ code: 2, stdout: '' },
      stderr:
        'sonde: --probe: expected a fitted probe, got none; name one (sonde fit --name N makes it), or state `watch: { probes: [N] }` in sonde.yaml\n',
    });
    const unknown = await runSonde([...store('a'), 'watch', dir, '--once', '--probe', 'q']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('no probe `q` (the store has p)');
  });
});

/** Checkpoints of which a step of this kind is done. */
async function doneJobs(kind: string): Promise<(string | null)[]> {
  await using opened = await openStore(join(folder, 'a'));
  const jobs = await opened.jobs.list({ prefix: `${kind}-` });
  return jobs.flatMap(({ state, checkpoint }) => (state === 'done' ? [checkpoint] : []));
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.on('close', resolve);
  });
}
