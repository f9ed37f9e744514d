import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { record } from '../../outcomes/testing/record.ts';
import { openStore, type Store } from '../../store/index.ts';

export type SampleStore = {
  readonly store: Store;
  [Symbol.asyncDispose](): Promise<void>;
};

const probe = { probe: 'p', probeId: '0'.repeat(32), fingerprint: 'f' } as const;

/** Two runs on two tasks: `olmo` with three checkpoints, the last one only predicted, and `pico` with one. */
export async function sampleStore(): Promise<SampleStore> {
  const dir = await mkdtemp(join(tmpdir(), 'service-'));
  const store = await openStore(join(dir, 'project', '.sonde'));
  await fillStore(store);
  return {
    store,
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    },
  };
}

async function fillStore(store: Store): Promise<void> {
  const at = (run: string, step: number): object => ({
    ...{ run, step, tokens: step * 1000, flops: step * 1e6, checkpoint: `${run}/step${step}` },
  });
  const records = [
    ...[1, 2].flatMap((step) => [
      record({ ...at('olmo', step), task: 'add', item: 'a', k: 2 * step, n: 10, chance: 0.1 }),
      record({ ...at('olmo', step), task: 'add', item: 'b', k: 4 * step, n: 10, chance: 0.1 }),
      record({ ...at('olmo', step), task: 'sub', item: 'c/1', k: step, n: 2 }),
    ]),
    record({ ...at('pico', 5), task: 'add', item: 'a', k: 9, n: 10 }),
    record({ ...at('pico', 5), task: 'add', item: 'b', k: 1, n: 10 }),
  ];
  await store.outcomes.write(records, { identity: 'r', name: 'r.csv', replace: false });
  for (const step of [2, 3]) {
    const checkpoint = `olmo/step${step}`;
    const about = { suite: 's', task: 'add', checkpoint, ...probe };
    await store.estimates.write(
      [
        {
          ...{ ...about, items: 2, labelled: 0, predicted: 0.2 * step, low: 0.1, high: 0.9 },
          ...{ level: 0.9, method: 'words', status: 'drift', reason: 'far' },
          baselines: '{"persistence":0.3,"trend":null}',
        },
      ],
      { run: 'olmo' },
    );
    await store.predictions.write(
      ['a', 'b'].map((item) => ({ ...about, item, promptSha256: 'x', p: 0.25 * step })),
      { run: 'olmo' },
    );
  }
  await store.checkpoints.write('olmo/step3', registration);
  await store.alerts.write({ ...sampleAlert });
  await store.refusedImports.write({ ...sampleRefused });
  await store.transfers.write(sampleTransfer);
}

const sampleRefused: Parameters<Store['refusedImports']['write']>[0] = {
  ...{ schemaVersion: 1, id: 'a'.repeat(32), source: 'late.csv', format: 'csv' },
  reason: '`late.csv`, row 1: expected `k` to be at most `n` (10), got 11',
  refusedAt: '2026-11-28T11:00:00.000Z',
};

const scores = { auroc: 0.7, mse: 0.02, levelError: 0.04 };

export const sampleTransfer: Parameters<Store['transfers']['write']>[0] = {
  ...{ schemaVersion: 1, id: 'c'.repeat(32), suite: 's', tasks: ['add'], train: 'upto' },
  ...{ checkpoints: ['olmo/step1', 'olmo/step2'], probe: 'auto', holdout: 0.4, seed: 0 },
  ...{ precision: 'f32', across: [], madeAt: '2026-11-28T12:00:00.000Z' },
  cells: [
    {
      ...{ trained: 'olmo/step1', scored: 'olmo/step2', split: 'unseen', break: null, ...scores },
      ...{ pooledAuroc: 0.8, taskPooledAuroc: 0.6 },
      baselines: {
        persistence: { ...scores, auroc: 0.5 },
        historyOnly: { ...scores, auroc: null },
      },
      tasks: [{ task: 'add', ...scores }],
    },
  ],
  breaks: [],
  leftOut: [],
};

const registration = {
  dir: '/models/olmo/step3',
  fingerprint: 'f',
  setupSha256: 's',
  facts: {
    ...{ run: 'olmo', family: null, stage: 'pretrain', step: 3, tokens: 3000, tokensExact: true },
    ...{ params: 10, paramsNonEmbedding: 8, flops: 3e6, flopsGiven: true },
  },
} as const;

const sampleAlert: Parameters<Store['alerts']['write']>[0] = {
  ...{ schemaVersion: 1, id: 'drift-1', kind: 'drift', run: 'olmo', checkpoint: 'olmo/step3' },
  ...{ suite: 's', probe: 'p', task: 'add', message: 'add drifts', value: 0.6, reference: null },
  ...{ threshold: null, openedAt: '2026-11-28T10:00:00.000Z' },
  ...{ lastSeenAt: '2026-11-28T10:00:00.000Z', closedAt: null },
  notified: [],
};
