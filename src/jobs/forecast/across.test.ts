import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../store/index.ts';
import { importRecords } from '../import/index.ts';
import { anyOutcomes } from '../outcome-choice.ts';
import { jobContext } from '../progress.ts';
import { fiveModels, ladderRows, largeModel, toCsv } from '../testing/ladder-records.ts';
import { forecast, type ForecastRequest, forecasts } from './index.ts';

test('a ladder across few-shot counts is refused, or recorded with the forecast and its score', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'across-'));
  try {
    await using store = await openStore(join(dir, '.sonde'));
    const rows = ladderRows({ models: { ...fiveModels, ...largeModel }, tasks: ['easy'] }).map(
      (row) => ({ ...row, few_shot: row['checkpoint'] === 'big' ? 5 : 0 }),
    );
    const path = join(dir, 'records.csv');
    await writeFile(path, toCsv(rows));
    await importRecords(store, path);
    const notes: string[] = [];
    const context = jobContext({ note: (text) => notes.push(text), resolve: (name) => name });
    const request: ForecastRequest = {
      ...{ ...anyOutcomes, suite: 'made-up', ladder: Object.keys(fiveModels), anchors: [] },
      ...{ tasks: null, methods: ['last-value'], replicates: 5, seed: 0, reach: null, against: [] },
      ...{ target: 'big', targetFlops: [1024e18] },
      benchmark: 'task',
      draw: 'none',
    };
    const strict = await forecast(store, request, context);
    expect(strict.across).toEqual([]);
    expect(strict.benchmarks[0]?.measured).toBeNull();
    const loose = await forecast(store, { ...request, across: ['few-shot'] }, context);
    expect(loose.across).toEqual(['few-shot']);
    expect(loose.id).not.toBe(strict.id);
    expect(loose.benchmarks[0]?.measured).toBeGreaterThan(0.5);
    expect(notes).toContain('--across few-shot: outcomes that differ in these are joined');
    const frozen = await store.forecasts.read(loose.id);
    expect(frozen?.document).toMatchObject({
      across: ['few-shot'],
      request: { across: ['few-shot'] },
      inputs: [{ parts: [{ across: ['few-shot'], measurement: { fewShot: 0 } }] }],
    });
    const listed = await forecasts(store, { suite: null, tasks: null }, context);
    const scores = new Map(listed.forecasts.map(({ id, benchmarks }) => [id, benchmarks]));
    expect(scores.get(strict.id)).toMatchObject([{ measured: null }]);
    expect(scores.get(loose.id)).toMatchObject([{ measured: loose.benchmarks[0]?.measured }]);
  } finally {
    await rm(dir, { recursive: true });
  }
});
