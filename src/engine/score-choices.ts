import { UserError } from '../error/index.ts';
import { buildPrefill, chosenFeeds, NORMED_STATES, prefillFeeds } from '../model/index.ts';
import { checkPrompts } from './check-prompts.ts';
import type { LoadedModel } from './loaded-model.ts';
import { planBatches } from './plan-batches.ts';
import type { ChoiceScore, ScorePrompt } from './provider.ts';
import { headSession, runHead } from './run-head.ts';

/** One text that is read, and the choices that it foretells: those that differ in their last token alone share it. */
type Reading = {
  /** Without the last token of the choice, which nothing follows. */
  readonly ids: Int32Array;
  /** The last token before the choices: the first whose prediction counts. */
  readonly from: number;
  readonly prompts: readonly ScorePrompt[];
};

/** Sums the log-probabilities of each choice's tokens, each given all before it. */
export async function* scoreChoices(
  model: LoadedModel,
  prompts: readonly ScorePrompt[],
  tokenBudget: number,
): AsyncGenerator<ChoiceScore> {
  checkPrompts(prompts, model.limits);
  for (const { id, ids, from } of prompts) {
    if (from >= 1 && from < ids.length) continue;
    throw new Error(`score: choice of ${id} begins at token ${from} of ${ids.length}`);
  }
  const readings = shareReadings(prompts);
  await headSession(model);
  const plan = planBatches(
    readings.map(({ ids }) => ids.length),
    { tokenBudget },
  );
  for (const rows of plan.batches) {
    yield* await scoreBatch(
      model,
      Array.from(rows, (row) => readings[row]!),
    );
  }
}

function shareReadings(prompts: readonly ScorePrompt[]): Reading[] {
  const readings = new Map<string, Reading & { prompts: ScorePrompt[] }>();
  for (const prompt of prompts) {
    const ids = prompt.ids.subarray(0, -1);
    const from = prompt.from - 1;
    const key = `${from}:${ids.join()}`;
    const known = readings.get(key);
    if (known === undefined) readings.set(key, { ids, from, prompts: [prompt] });
    else known.prompts.push(prompt);
  }
  return [...readings.values()];
}

async function scoreBatch(
  model: LoadedModel,
  readings: readonly Reading[],
): Promise<ChoiceScore[]> {
  const lengths = readings.map(({ ids }) => ids.length);
  const firsts = readings.map(({ from }) => from);
  const session = await model.session('score', () =>
    buildPrefill(model.spec, model.tensors, { pool: [], normed: true }),
  );
  const outputs = await session.run(
    {
      ...prefillFeeds(readings.map(({ ids }) => ids)),
      ...chosenFeeds(lengths, firsts),
      ...model.ropes.upTo(Math.max(...lengths)),
    },
    [NORMED_STATES],
  );
  const states = outputs[NORMED_STATES]?.data;
  if (!(states instanceof Float32Array)) throw new Error('engine: states not float32');
  const scores: ChoiceScore[] = [];
  let at = 0;
  for (const reading of readings) {
    const tokens = reading.ids.length - reading.from;
    const own = states.subarray(at * model.spec.hidden, (at + tokens) * model.spec.hidden);
    scores.push(...(await scoreReading(model, reading, own)));
    at += tokens;
  }
  return scores;
}

/** `states` are those that predict the tokens of the choices. */
async function scoreReading(
  model: LoadedModel,
  { ids, from, prompts }: Reading,
  states: Float32Array,
): Promise<ChoiceScore[]> {
  const repeated = new Float32Array(states.length * prompts.length);
  for (const i of prompts.keys()) repeated.set(states, i * states.length);
  const next = prompts.flatMap((prompt) => [...prompt.ids.subarray(prompt.from)]);
  const { logLikelihood } = await runHead(model, repeated, Int32Array.from(next));
  const tokens = ids.length - from;
  return prompts.map(({ id }, i) => {
    const sum = logLikelihood
      .subarray(i * tokens, (i + 1) * tokens)
      .reduce((total, each) => total + each, 0);
    if (!Number.isFinite(sum)) throw notFinite(model, id);
    // The first of those that share a text pays for reading it.
    const promptTokens = i === 0 ? ids.length : 0;
    return { id, logLikelihood: sum, tokens, cost: { promptTokens, completionTokens: 0 } };
  });
}

function notFinite({ checkpoint }: LoadedModel, id: string): UserError {
  return new UserError(
    `\`${checkpoint.id}\`: expected finite log-likelihoods, got NaN or infinity for item \`${id}\`; the weights hold NaN or infinity, or the model overflows float32`,
  );
}
