import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../checkpoint/index.ts';
import { writeTinyCheckpoint } from '../checkpoint/testing/tiny-checkpoint.ts';
import { openLocalEngine } from './index.ts';

const LAYERS = 128;
const HIDDEN = 32;
const TOKENS = 8192;
const VOCABULARY = 100_000;

/**
 * The order in which the runtime runs a graph is its own affair: this notices where a release of it keeps the states
 * of all layers until the end. The memory arena holds what a run needed at most, so the growth is the peak.
 */
test('states of a layer are freed once they are pooled', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sonde-memory-'));
  try {
    const shape = { layers: LAYERS, hidden: HIDDEN, contextLength: 1024 };
    const checkpoint = await openCheckpoint(await writeTinyCheckpoint(folder, shape));
    await using engine = await openLocalEngine(checkpoint, { tokenBudget: TOKENS, threads: 2 });
    const pass = async (prompts: number, length: number) => {
      const asked = Array.from({ length: prompts }, (_, i) => ({
        id: String(i),
        ids: new Int32Array(length).fill(5 + i),
      }));
      let batches = 0;
      for await (const { tokens } of engine.extract(asked, { pool: ['last', 'mean'] })) {
        expect(tokens).toBe(prompts * length);
        batches += 1;
      }
      expect(batches).toBe(1);
    };
    await pass(1, 4);
    const before = process.memoryUsage.rss();
    await pass(TOKENS / 256, 256);
    const statesOfAllLayers = LAYERS * HIDDEN * TOKENS * 4;
    // 1.2 times as much when this was written, mostly scratch of attention; 2.2 times in the order of layers.
    expect(process.memoryUsage.rss() - before).toBeLessThan(1.7 * statesOfAllLayers);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('logits of many tokens are not in memory at once', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sonde-memory-'));
  try {
    const shape = { layers: 1, vocabulary: VOCABULARY };
    const checkpoint = await openCheckpoint(await writeTinyCheckpoint(folder, shape));
    await using engine = await openLocalEngine(checkpoint, { threads: 2 });
    const pass = async (prompts: number) => {
      const asked = Array.from({ length: prompts }, (_, i) => ({
        id: String(i),
        ids: new Int32Array(64).fill(5 + i),
      }));
      const first = new Int32Array(prompts);
      for await (const { tokens } of engine.extract(asked, { pool: ['likelihood'], first })) {
        expect(tokens).toBe(64 * prompts);
      }
    };
    await pass(1);
    const before = process.memoryUsage.rss();
    await pass(16);
    const logits = 16 * 64 * VOCABULARY * 4;
    // A twentieth of it when this was written; three times as much where all go through the head together.
    expect(process.memoryUsage.rss() - before).toBeLessThan(0.6 * logits);
  } finally {
    await rm(folder, { recursive: true });
  }
});
