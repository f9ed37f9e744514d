// What a probe costs that reads the layer at 60 % of the depth alone, beside a whole pass, on the shape of SmolLM2-135M: the
// same prompts in turns, medians.
//
//   node bench/early-exit.mjs [--rounds 5] [--prompts 48] [--threads 2]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openCheckpoint, openLocalEngine } from '../dist/index.js';
import { drawTokenIds } from './drawn-prompts.mjs';
import { describeMachine, median, print } from './measure.mjs';
import { writeRandomSmolLm2 } from './smollm2-shape.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    prompts: { type: 'string', default: '48' },
    threads: { type: 'string', default: '2' },
  },
});
const prompts = drawTokenIds(Number(values.prompts)).map((ids, i) => ({
  id: `${i}`,
  ids: Int32Array.from(ids),
}));
/** A question's own tokens, as `sonde fit --probe submodel` keeps them. */
const from = Int32Array.from(prompts, ({ ids }) => Math.max(0, ids.length - 64));
const folder = mkdtempSync(join(tmpdir(), 'sonde-exit-'));
try {
  const checkpoint = await openCheckpoint(await writeRandomSmolLm2(join(folder, 'run', 'random')));
  print(`early exit, SmolLM2-135M, ${describeMachine(Number(values.threads))}`);
  for (const precision of ['f32', 'int8']) {
    const engine = await openLocalEngine(checkpoint, {
      threads: Number(values.threads),
      precision,
    });
    const exit = Math.round(0.6 * (engine.layers - 1));
    const passes = {
      whole: () =>
        engine.extract(prompts, {
          pool: ['last', 'mean', 'output', 'nextTokens', 'likelihood'],
          first: from,
        }),
      states: () => engine.extract(prompts, { pool: ['last', 'mean'] }),
      exit: () => engine.extractTokens(prompts, { layers: [exit], from }),
    };
    const times = { whole: [], states: [], exit: [] };
    for (let round = 0; round <= Number(values.rounds); round += 1) {
      for (const [name, pass] of Object.entries(passes)) {
        const startedAt = performance.now();
        for await (const _ of pass()) {
          // the states are fetched; keeping them is not what is measured
        }
        if (round > 0) times[name].push(performance.now() - startedAt);
      }
    }
    const ratio = (name) => median(times[name].map((each, i) => each / times.exit[i])).toFixed(2);
    print(
      `${precision.padEnd(5)} layer ${exit} of ${engine.layers - 1}: ${median(times.exit).toFixed(0)} ms; a whole pass takes ${ratio('whole')} times as long, its states alone ${ratio('states')} times`,
    );
    await engine[Symbol.asyncDispose]();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
