import { UserError } from '../error/index.ts';
import { openPass } from './batch-pass.ts';
import { checkPrompts } from './check-prompts.ts';
import type { LoadedModel } from './loaded-model.ts';
import { type PassOptions, planPass } from './plan-pass.ts';
import type { ChoiceScore, ScorePrompt } from './provider.ts';
import { headSession, runHead } from './run-head.ts';

/** One text that is read, and the choices that it foretells: those that differ in their last token alone share it. */
type Reading = {
  /** Of the first of its prompts. */
  readonly id: string;
  /** Without the last token of the choice, which nothing follows. */
  readonly ids: Int32Array;
  /** The last token before the choices: the first whose prediction counts. */
  readonly from: number;
  readonly prompts: readonly ScorePrompt[];
};

/**
 * Sums the log-probabilities of each choice's tokens, each given all before it. What choices begin with alike, a question or
 * its examples, is read once where that pays.
 */
export async function* scoreChoices(
  model: LoadedModel,
  prompts: readonly ScorePrompt[],
  options: PassOptions,
): AsyncGenerator<ChoiceScore> {
  checkPrompts(prompts, model.limits);
  for (const { id, ids, from } of prompts) {
    if (from >= 1 && from < ids.length) continue;
    throw new Error(`score: choice of ${id} begins at token ${from} of ${ids.length}`);
  }
  const readings = shareReadings(prompts);
  if (model.streaming === null) await headSession(model);
  const plan = planPass(
    readings.map(({ ids }) => ids),
    options,
  );
  const pass = await openPass(model, {
    ...{ prompts: readings, plan, tokenBudget: options.tokenBudget },
    ...{ layers: [], pool: [], chosen: 'normed' },
    first: Int32Array.from(readings, ({ from }) => from),
  });
  for (const batch of plan.batches) {
    const { chosen } = await pass(batch);
    if (chosen === null) throw new Error('engine: no states of the choices');
    let at = 0;
    for (const reading of Array.from(batch.rows, (row) => readings[row]!)) {
      const end = at + (reading.ids.length - reading.from) * model.spec.hidden;
      yield* await scoreReading(model, reading, chosen.subarray(at, end));
      at = end;
    }
  }
}

function shareReadings(prompts: readonly ScorePrompt[]): Reading[] {
  const readings = new Map<string, Reading & { prompts: ScorePrompt[] }>();
  for (const prompt of prompts) {
    const ids = prompt.ids.subarray(0, -1);
    const from = prompt.from - 1;
    const key = `${from}:${ids.join()}`;
    const known = readings.get(key);
    if (known !== undefined) known.prompts.push(prompt);
    else readings.set(key, { id: prompt.id, ids, from, prompts: [prompt] });
  }
  return [...readings.values()];
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
