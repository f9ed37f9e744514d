// Compares Sonde with the reference that scripts/reference-states.py wrote: token ids, chat rendering, hidden states
// (relative L2 error per vector and layer) and greedy continuations.
//
//   node scripts/compare-states.mjs CHECKPOINT PROMPTS.jsonl REFERENCE_DIR
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  loadTokenizer,
  openCheckpoint,
  openLocalEngine,
  readFloat32,
  readSafetensorsHeader,
} from '../dist/index.js';

const [checkpointDir, promptsFile, referenceDir] = process.argv.slice(2);
const { versions, items } = JSON.parse(readFileSync(join(referenceDir, 'reference.json'), 'utf8'));
const questions = readFileSync(promptsFile, 'utf8').trim().split('\n').map(JSON.parse);
const checkpoint = await openCheckpoint(checkpointDir);
const tokenizer = await loadTokenizer(checkpoint);
const engine = await openLocalEngine(checkpoint);

const differing = { ids: [], rendered: [], messageIds: [], greedy: [] };
const prompts = questions.map((question, index) => {
  const expected = items[index];
  const ids = tokenizer.encodePrompt(question.prompt);
  if (`${[...ids]}` !== `${expected.ids}`) differing.ids.push(question.id);
  if (tokenizer.renderMessages(question.messages) !== expected.rendered)
    differing.rendered.push(question.id);
  if (`${[...tokenizer.encodeMessages(question.messages)]}` !== `${expected.messageIds}`) {
    differing.messageIds.push(question.id);
  }
  return { id: question.id, ids };
});

const reference = await readSafetensorsHeader(join(referenceDir, 'reference.safetensors'));
const worst = {};
for await (const batch of engine.extract(prompts, { pool: ['last', 'mean'] })) {
  for (const pool of ['last', 'mean']) {
    const expected = await readFloat32(reference.tensors.get(pool));
    const width = engine.hidden;
    const vectors = engine.layers;
    batch.rows.forEach((row, at) => {
      for (let layer = 0; layer < vectors; layer += 1) {
        const found = batch[pool].subarray(
          (at * vectors + layer) * width,
          (at * vectors + layer + 1) * width,
        );
        const wanted = expected.subarray(
          (row * vectors + layer) * width,
          (row * vectors + layer + 1) * width,
        );
        const error = relativeError(found, wanted);
        if (!(error <= (worst[pool]?.error ?? 0)))
          worst[pool] = { error, item: prompts[row].id, layer };
      }
    });
  }
}

const asked = prompts.map((prompt) => ({ ...prompt, maxTokens: 8, stop: [] }));
const greedy = { samples: 1, temperature: 0, topP: 1, seed: 0 };
for await (const { id, answers } of engine.sample(asked, greedy)) {
  const expected = items.find((item) => item.id === id).greedy;
  if (answers[0] !== tokenizer.decode(expected)) differing.greedy.push(id);
}

console.log(
  `${questions.length} prompts against transformers ${versions.transformers}, torch ${versions.torch}`,
);
for (const [what, ids] of Object.entries(differing)) {
  console.log(
    `${what}: ${questions.length - ids.length} equal${ids.length > 0 ? `, differing: ${ids}` : ''}`,
  );
}
for (const [pool, { error, item, layer }] of Object.entries(worst)) {
  console.log(`${pool}: worst relative error ${error.toExponential(2)} (${item}, layer ${layer})`);
}
const failed =
  Object.values(differing).some((ids) => ids.length > 0) ||
  Object.values(worst).some(({ error }) => error > 1e-4);
process.exitCode = failed ? 1 : 0;

function relativeError(found, wanted) {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < wanted.length; i += 1) {
    difference += (found[i] - wanted[i]) ** 2;
    norm += wanted[i] ** 2;
  }
  return Math.sqrt(difference / norm);
}
