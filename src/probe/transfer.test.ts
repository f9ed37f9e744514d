import { beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../error/index.ts';
import { oracleAuroc, softAuroc } from '../stats/index.ts';
import type { ProbeCheckpoint } from './activations.ts';
import type { FitData } from './fit-settings.ts';
import { evaluateCheckpoint } from './evaluate.ts';
import { fitProbe } from './fit.ts';
import { predictCheckpoint } from './predict.ts';
import { syntheticSeries } from './testing/synthetic-series.ts';
import { runTransfer, type TransferResult } from './transfer.ts';
import { breakOf } from './break-of.ts';
import { type TransferCell, transferFall } from './transfer-cells.ts';

/** Three checkpoints of one kind and one that was fine-tuned and is asked with messages. */
function seriesWithStage(): FitData {
  const data = syntheticSeries({ checkpoints: 4, itemsPerTask: 40 });
  const checkpoints = data.checkpoints.map((checkpoint, c): ProbeCheckpoint => {
    return c < 3 ? checkpoint : { ...checkpoint, stage: 'sft', rendering: 'messages' };
  });
  return { ...data, checkpoints };
}

const data = seriesWithStage();
const ids = data.checkpoints.map(({ id }) => id);
const fit = { layers: [1], pools: ['last'] as const };
const progress: [number, number][] = [];
let result: TransferResult;

beforeAll(async () => {
  result = await runTransfer(data, {
    fit,
    leaveTaskOut: true,
    onProgress: (done, total) => progress.push([done, total]),
  });
}, 60_000);

const at = (cells: readonly TransferCell[], last: number, scored: number, split: string) =>
  cells.find(
    (cell) =>
      cell.trained.at(-1) === ids[last] && cell.scored === ids[scored] && cell.split === split,
  );

describe('the matrix', () => {
  it('scores every probe on its last checkpoint and on all later ones', () => {
    const places = result.cells.map(({ trained, scored, split }) => {
      return [trained.length, ids.indexOf(scored), split];
    });
    const expected = [0, 1, 2, 3].flatMap((row) =>
      ids
        .slice(row)
        .flatMap((_, step) => [
          [row + 1, row + step, 'unseen'],
          ...(step === 0 ? [] : [[row + 1, row + step, 'seen']]),
        ]),
    );
    expect(places).toEqual(expected);
    for (const { trained } of result.cells) expect(trained).toEqual(ids.slice(0, trained.length));
  });

  it('counts its fits: rows, one repair, and one a task left out', () => {
    expect(progress).toEqual(Array.from({ length: 8 }, (_, done) => [done, 7]));
  });

  it('says what fit, predict and evaluate say one by one', async () => {
    const learned = { ...data, checkpoints: data.checkpoints.slice(0, 2), random: null };
    const options = { name: 'transfer', seed: 0, holdout: 0.4, complete: false, ...fit };
    const model = await fitProbe(learned, options);
    const checkpoint = data.checkpoints[2]!;
    const input = { items: data.items, checkpoint, layout: data.layout, random: null };
    const rows = await evaluateCheckpoint(model, { ...input, outcomes: checkpoint });
    const cell = at(result.cells, 1, 2, 'unseen');
    const unseen = rows.filter(({ split }) => split === 'unseen');
    expect(cell?.tasks).toEqual(
      unseen.map(({ task, auroc, skill, mse, levelError }) => {
        return { task, auroc, skill, mse, levelError };
      }),
    );
    const mean = (values: readonly (number | null)[]): number =>
      values.reduce<number>((sum, value) => sum + (value ?? Number.NaN), 0) / values.length;
    expect(cell?.auroc).toBeCloseTo(mean(unseen.map(({ auroc }) => auroc)), 12);
    expect(cell?.levelError).toBeCloseTo(
      mean(unseen.map(({ levelError }) => Math.abs(levelError ?? Number.NaN))),
      12,
    );
    expect(cell?.baselines.persistence.mse).toBeCloseTo(
      mean(unseen.map(({ baselines }) => baselines.persistence.mse)),
      12,
    );
    const { items } = await predictCheckpoint(model, input);
    const held = items.flatMap(({ item }, i) =>
      model.card.split.unseen.includes(item) ? [i] : [],
    );
    const rates = held.map((i) => checkpoint.k[i]! / checkpoint.n[i]!);
    const p = held.map((i) => items[i]!.p);
    expect(cell?.pooledAuroc).toBeCloseTo(softAuroc(p, rates) ?? Number.NaN, 12);
  });

  it('finds the ranking that the states carry, where chance and persistence do not', () => {
    const cell = at(result.cells, 1, 2, 'unseen');
    expect(cell?.auroc).toBeGreaterThan(0.65);
    expect(cell?.baselines.persistence.auroc).toBeCloseTo(0.5, 12);
    expect(cell?.baselines.historyOnly.auroc).not.toBeNull();
    const { k, n } = data.checkpoints[2]!;
    expect(cell?.auroc).toBeLessThan(oracleAuroc(k.map((right, i) => right / n[i]!)) ?? 0);
  });

  it('learns from the row’s checkpoint alone where asked', async () => {
    const short = { ...data, checkpoints: data.checkpoints.slice(0, 2) };
    const { cells, breaks, leftOut } = await runTransfer(short, { train: 'one', fit });
    expect(cells.map(({ trained, scored }) => [trained, scored])).toEqual([
      [[ids[0]], ids[0]],
      [[ids[0]], ids[1]],
      [[ids[0]], ids[1]],
      [[ids[1]], ids[1]],
    ]);
    expect([breaks, leftOut]).toEqual([[], null]);
    expect(cells.slice(0, 3)).toEqual(result.cells.slice(0, 3).map((cell) => cell));
  });

  it('refuses one checkpoint, and one task where each is to be left out', async () => {
    const one = { ...data, checkpoints: data.checkpoints.slice(0, 1) };
    await expect(runTransfer(one)).rejects.toThrow(
      new UserError(
        'transfer: expected two or more labelled checkpoints, got 1; name a later one to score',
      ),
    );
    await expect(
      runTransfer(syntheticSeries({ tasks: ['add'], checkpoints: 2 }), { leaveTaskOut: true }),
    ).rejects.toThrow('transfer: expected two or more tasks to leave one out, got 1');
  });
});

describe('checkpoints of another kind', () => {
  it('are marked where none of their kind was trained on', () => {
    const kinds = result.cells.map((cell) => [cell.trained.length, cell.scored, cell.break]);
    for (const [trained, scored, kind] of kinds) {
      const isBroken = scored === ids[3] && Number(trained) < 4;
      expect(kind).toBe(isBroken ? 'stage sft, rendering messages' : null);
    }
  });

  it('are repaired once, from the last probe that knew none of them', () => {
    const [repaired, ...others] = result.breaks;
    expect(others).toEqual([]);
    expect(repaired).toMatchObject({ trained: ids.slice(0, 3), scored: ids[3] });
    expect(repaired?.tasks.map(({ task, labels }) => [task, labels])).toEqual([
      ['add', 20],
      ['copy', 20],
    ]);
    const old = at(result.cells, 2, 3, 'unseen');
    expect(repaired?.auroc).toBe(old?.auroc);
    // Half of all questions labelled: predictions that rank well leave less of the error than the labels alone.
    const { correctedLevelError, plainLevelError, levelError } = repaired ?? {};
    expect(correctedLevelError).toBeLessThan(plainLevelError ?? 0);
    expect(levelError).toBeGreaterThan(0);
    expect(repaired?.refitAuroc).toBeGreaterThan(0.65);
  });

  it('agree with what is unknown', () => {
    const facts = { id: 'a', stage: null, rendering: 'prompt' };
    const scored = { id: 'b', stage: 'sft', rendering: 'prompt' };
    const rope = new Map([['b', 'theta 500000']]);
    expect(breakOf([facts], scored, rope)).toBeNull();
    const known = { ...facts, stage: 'pretrain' };
    expect(breakOf([facts, known], scored, rope)).toBeNull();
    expect(breakOf([known], scored, new Map([...rope, ['a', 'theta 10000']]))).toBe(
      'stage sft, rope theta 500000',
    );
  });
});

describe('how a probe ages', () => {
  it('is told over the tasks ranked at both ends, and never across kinds', () => {
    expect(
      result.fall.map(({ trained, nearest, farthest }) => [trained.length, nearest, farthest]),
    ).toEqual([[1, ids[1], ids[2]]]);
    const trained = ['a'];
    const none = { auroc: null, mse: null, levelError: null };
    const cell = (
      scored: string,
      aurocs: readonly (number | null)[],
      kind: string | null = null,
    ) => ({
      ...{ trained, scored, split: 'unseen' as const, break: kind, ...none, skill: null },
      auroc: aurocs.find((auroc) => auroc !== null) ?? null,
      ...{ pooledAuroc: null, taskPooledAuroc: null },
      baselines: { persistence: none, historyOnly: none },
      tasks: aurocs.map((auroc, t) => ({ task: `t${t}`, ...none, skill: null, auroc })),
    });
    const cells = [
      cell('a', [0.95]),
      cell('b', [null, null, null]),
      cell('c', [0.9, 0.8, 0.7]),
      cell('d', [0.6, 0.6, 0.6]),
      cell('e', [0.7, null, 0.7]),
      cell('f', [0.1, 0.1, 0.1], 'stage sft'),
      { ...cell('e', [0.8, 0.1, 0.7]), trained: ['a', 'b', 'e'] },
    ];
    const [row, ...others] = transferFall(cells);
    expect(others).toEqual([]);
    expect(row).toMatchObject({ trained, own: 0.95, nearest: 'c', farthest: 'e', tasks: 2 });
    expect(row?.nearestAuroc).toBeCloseTo(0.8, 12);
    expect(row?.farthestAuroc).toBeCloseTo(0.7, 12);
    expect(row?.fall).toBeCloseTo(0.1, 12);
    expect([row?.nearestOwn, row?.farthestOwn]).toEqual([null, 0.75]);
  });
});

describe('a task left out', () => {
  it('is scored within itself, beside the probe that knew it; the means leave other kinds out', () => {
    const { leftOut } = result;
    expect(leftOut?.trained).toEqual(ids.slice(0, 3));
    expect(
      leftOut?.rows.map(({ task, scored, items, promptOnlyAuroc }) => [
        task,
        scored,
        items,
        promptOnlyAuroc,
      ]),
    ).toEqual([
      ['add', ids[3], 40, null],
      ['copy', ids[3], 40, null],
    ]);
    const known = at(result.cells, 2, 3, 'unseen');
    for (const row of leftOut?.rows ?? []) {
      expect(row.break).toBe('stage sft, rendering messages');
      // Both tasks carry their difficulty in the same direction of the states.
      expect(row.auroc).toBeGreaterThan(0.65);
      expect(row.knownAuroc).toBe(known?.tasks.find(({ task }) => task === row.task)?.auroc);
    }
    expect(leftOut).toMatchObject({ auroc: null, knownAuroc: null, ranked: 0, above: 0 });
  });
});
