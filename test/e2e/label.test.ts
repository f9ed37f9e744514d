import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { runJson, runSonde, series } from '../helpers/run-sonde.ts';

const checkpoint = 'd128L4/stage1-step1432-tokens13M';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-label-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Label = { tasks: { task: string; items: number; samples: number; accuracy: number }[] };

/** Bundled outcomes of the checkpoint, sampled by transformers: item → k of 100. */
function bundledCounts(): Map<string, number> {
  const [header = '', ...rows] = readFileSync(join(series, 'outcomes.csv'), 'utf8')
    .trim()
    .split('\n');
  const columns = header.split(',');
  const at = (name: string): number => columns.indexOf(name);
  return new Map(
    rows
      .map((row) => row.split(','))
      .filter((row) => row[at('checkpoint')] === checkpoint)
      .map((row) => [row[at('item')]!, Number(row[at('k')])]),
  );
}

describe('label', () => {
  it('samples pass rates that agree with those of transformers', async () => {
    const store = join(folder, 'store');
    const report = await runJson<Label>([
      '--store',
      store,
      'label',
      checkpoint,
      '--suite',
      'suite',
    ]);
    expect(report.tasks).toHaveLength(15);
    await using opened = await openStore(store);
    const bundled = bundledCounts();
    for (const { task, items, samples } of report.tasks) {
      expect({ task, items, samples }).toEqual({ task, items: 140, samples: 14_000 });
      const records = await opened.outcomes.list({ tasks: [task] });
      let [difference, variance] = [0, 0];
      for (const { item, k } of records) {
        const [ours, theirs] = [k! / 100, bundled.get(item!)! / 100];
        const p = (ours + theirs) / 2;
        difference += ours - theirs;
        variance += (2 * p * (1 - p)) / 100;
      }
      // Four standard errors of the difference of two independent samplings.
      expect(Math.abs(difference) / items, task).toBeLessThanOrEqual(
        (4 * Math.sqrt(variance)) / items,
      );
    }
  });

  it('draws the same answers whatever else is sampled, and other ones with another seed', async () => {
    const sample = async (name: string, ...options: string[]): Promise<Map<string, string>> => {
      const store = join(folder, name);
      const args = ['--store', store, 'label', checkpoint, '--suite', 'suite', '--samples', '5'];
      await runJson([...args, ...options]);
      await using opened = await openStore(store);
      const answers = await opened.answers.list({ tasks: ['fact'] });
      return new Map(
        answers.map(({ item, sample: number, answer }) => [`${item} ${number}`, answer]),
      );
    };
    const alone = await sample('alone', '--tasks', 'fact');
    expect(alone.size).toBe(700);
    expect(await sample('together', '--tasks', 'fact,add')).toEqual(alone);
    expect(await sample('other-seed', '--tasks', 'fact', '--seed', '1')).not.toEqual(alone);
  });

  it('refuses an item without target by name, before any work', async () => {
    const suite = join(import.meta.dirname, '..', 'fixtures', 'read-only-suite');
    const store = join(folder, 'refused');
    const { code, stdout, stderr } = await runSonde([
      '--store',
      store,
      'label',
      checkpoint,
      '--suite',
      suite,
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      'sonde: label: item `read-0` of task `text` has no target, it is only read; leave its task out with --tasks\n',
    );
  });
});
