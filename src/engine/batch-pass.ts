import type { Session } from '../graph/index.ts';
import { buildPrefill, buildTokenStates, chosenFeeds, prefillFeeds } from '../model/index.ts';
import type { LoadedModel } from './loaded-model.ts';
import { type BatchStates, outputNames, type PassRequest, statesOf } from './pass-request.ts';
import type { PlannedBatch } from './plan-pass.ts';
import { SharedPass } from './shared-pass.ts';
import { StreamedPass } from './streamed-pass.ts';

export type BatchPass = (batch: PlannedBatch) => Promise<BatchStates>;

/**
 * Makes the session that runs all batches of the plan: weights are laid out once, unless they are streamed. What comes of a
 * batch was computed with the weights that were opened: their files are looked at again behind each.
 */
export async function openPass(model: LoadedModel, request: PassRequest): Promise<BatchPass> {
  const run = await openRuns(model, request);
  return async (batch) => {
    const states = await run(batch);
    await model.files.check();
    return states;
  };
}

async function openRuns(model: LoadedModel, request: PassRequest): Promise<BatchPass> {
  if (model.streaming !== null) {
    const pass = new StreamedPass(model, model.streaming, request);
    return (batch) => pass.run(batch);
  }
  const { plan, layers, pool, chosen } = request;
  const { spec, tensors } = model;
  const shared = plan.prefixes.length > 0;
  const key = `pass ${chosen} ${pool.join()} ${layers.join()} ${shared}`;
  const session = await model.session(key, () =>
    chosen === 'layers'
      ? buildTokenStates(spec, tensors, { layers, shared })
      : buildPrefill(spec, tensors, { pool, layers, normed: chosen === 'normed', shared }),
  );
  if (!shared) return (batch) => runPlain(model, session, { batch, request });
  const pass = new SharedPass(model, session, request);
  return (batch) => pass.run(batch);
}

async function runPlain(
  model: LoadedModel,
  session: Session,
  { batch, request }: { readonly batch: PlannedBatch; readonly request: PassRequest },
): Promise<BatchStates> {
  const prompts = Array.from(batch.rows, (row) => request.prompts[row]!.ids);
  const lengths = prompts.map((ids) => ids.length);
  const first = batch.rows.map((row) => request.first[row]!);
  const outputs = await session.run(
    {
      ...prefillFeeds(prompts),
      ...(request.chosen === null ? {} : chosenFeeds(lengths, first)),
      ...model.ropes.upTo(Math.max(...lengths)),
    },
    outputNames(request),
  );
  return statesOf(outputs, request);
}
