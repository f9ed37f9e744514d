import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type Checkpoint, openCheckpoint } from '../../checkpoint/index.ts';
import {
  type TinyCheckpointOptions,
  writeTinyCheckpoint,
} from '../../checkpoint/testing/tiny-checkpoint.ts';
import { type EngineOptions, type LocalEngine, openLocalEngine } from '../index.ts';

export type TinyEngines = {
  /** A new tiny checkpoint, opened. */
  readonly checkpointOf: (options?: TinyCheckpointOptions) => Promise<Checkpoint>;
  /** An engine of one thread on a new tiny checkpoint; the caller disposes of it. */
  readonly open: (options?: TinyCheckpointOptions, engine?: EngineOptions) => Promise<LocalEngine>;
};

/** Tiny checkpoints for one test file, in a folder that is gone after its tests. Called at its top level. */
export function tinyEngines(): TinyEngines {
  let folder = '';
  let made = 0;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sonde-engine-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const checkpointOf: TinyEngines['checkpointOf'] = async (options = {}) => {
    made += 1;
    return openCheckpoint(await writeTinyCheckpoint(path.join(folder, String(made)), options));
  };
  return {
    checkpointOf,
    open: async (options = {}, engine = {}) =>
      openLocalEngine(await checkpointOf(options), { threads: 1, ...engine }),
  };
}
