import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import build from '../helpers/build.ts';
import { runJson } from '../helpers/run-sonde.ts';

const data = (path: string): string =>
  fileURLToPath(new URL(`../../../shared/data/public/${path}`, import.meta.url));

type Case = {
  file: string;
  suite: string;
  task: string;
  ladder: string[];
  target: string;
  kind: 'sizes' | 'steps';
  perItem: boolean;
};

let folder: string;
let store: string[];
let cases: Case[];
beforeAll(async () => {
  build();
  folder = mkdtempSync(join(tmpdir(), 'sonde-forecast-'));
  store = ['--store', join(folder, 'store')];
  cases = JSON.parse(readFileSync(data('cases.json'), 'utf8')) as Case[];
  await runJson([...store, 'import', data('outcomes')]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const share = expect.toSatisfy((value: number) => value >= 0 && value <= 1, 'a share') as number;
const text = expect.stringMatching(/./) as string;
const number = expect.toSatisfy(Number.isFinite, 'a finite number') as number;
const interval = [share, share];

/** Every field of a forecast of one task by the last value. */
function shapeOf({ suite, task, ladder, target, perItem }: Case, isAnswer: boolean): unknown {
  const flops = number;
  const method = (name: string): unknown => ({
    method: name,
    accuracy: share,
    low: share,
    high: share,
    intervals: { '0.8': interval, '0.95': interval },
    verdict: expect.stringMatching(/^(not-)?predictable$/) as string,
    reason: text,
    backtestPoints: expect.toSatisfy(isShareOrNone) as number | null,
    predictableShare: null,
  });
  return {
    schemaVersion: 1,
    sonde: text,
    id: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    createdAt: text,
    suite,
    target: { flops, checkpoint: target },
    ladder: ladder.map((checkpoint) => ({
      checkpoint,
      flops,
      params: number,
      paramsNonEmbedding: null,
      tokens: number,
      family: text,
      stage: null,
    })),
    benchmarks: [
      {
        suite,
        task,
        items: perItem ? 500 : 0,
        methods: [method('last-value'), method('chosen')],
        chosen: text,
        clusters: perItem ? (expect.anything() as unknown) : null,
        evidence: expect.objectContaining({
          models: ladder.length,
          extrapolation: number,
        }) as unknown,
        chance: share,
        ladder: ladder.map((checkpoint) => ({
          checkpoint,
          flops,
          accuracy: share,
          standardError: suite === 'olmo-ladder' ? null : share,
        })),
        curve: null,
        reach: null,
        against: null,
        measured: share,
        monitoring: {
          measured: share,
          probed: null,
          expected: share,
          low: share,
          high: share,
          // Where the forecast is no answer, nothing is below or above it.
          position: isAnswer ? (expect.stringMatching(/^(below|within|above)$/) as string) : null,
        },
      },
    ],
    exclusions: [],
    across: [],
  };
}

/** Points that a method was off by in the back-test; null where it was not tried. */
function isShareOrNone(value: unknown): boolean {
  return value === null || (typeof value === 'number' && value >= 0 && value <= 100);
}

type Answered = { benchmarks: { methods: { method: string; verdict: string }[] }[] };

test('the first and the last case of each file and kind', async () => {
  const groups = new Map<string, Case[]>();
  for (const one of cases) {
    const key = `${one.file} ${one.kind}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const chosen = [...groups.values()].flatMap((group) => [group[0]!, group.at(-1)!]);
  expect(chosen).toHaveLength(8);
  for (const one of chosen) {
    const args = ['--suite', one.suite, '--tasks', one.task, '--target', one.target];
    const ladder = ['--ladder', one.ladder.join(), '--method', 'last-value'];
    const report = await runJson<Answered>([...store, 'forecast', ...args, ...ladder]);
    const sonde = report.benchmarks[0]?.methods.find(({ method }) => method === 'chosen');
    const isAnswer = sonde?.verdict === 'predictable';
    expect(report, `${one.suite} ${one.task} ${one.target}`).toEqual(shapeOf(one, isAnswer));
  }
});

test('a back-test of a whole file has a number for every task at its target', async () => {
  const own = cases.filter(
    ({ suite, target }) => suite === 'pythia-evals' && target === 'pythia-12b-deduped@143000',
  );
  const [{ ladder, target }] = own as [Case, ...Case[]];
  const report = await runJson<{
    targets: {
      benchmarks: { task: string; methods: { method: string; absErrorPoints: number }[] }[];
    }[];
    summary: { method: string; benchmarks: number; meanAbsErrorPoints: number }[];
  }>([
    ...[...store, 'backtest', '--suite', 'pythia-evals', '--ladder', ladder.join()],
    ...['--targets', target, '--method', 'last-value', '--replicates', '20'],
  ]);
  const measured = report.targets[0]!.benchmarks.map(({ task }) => task);
  expect(own.every(({ task }) => measured.includes(task))).toBe(true);
  const [lastValue, sonde] = report.summary;
  expect([lastValue!.method, sonde!.method]).toEqual(['last-value', 'chosen']);
  expect(sonde!.benchmarks).toBe(measured.length);
  expect(sonde!.meanAbsErrorPoints).toBeLessThan(lastValue!.meanAbsErrorPoints);
});
