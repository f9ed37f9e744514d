import { UserError } from '../../error/index.ts';
import type { ChoiceScorer, Sampler, ServedPrompt, ServedScorePrompt } from '../provider.ts';
import { HttpClient, type HttpOptions } from './http-client.ts';
import { readModels } from './replies.ts';
import { sampleFromServer } from './sample-from-server.ts';
import { scoreFromServer } from './score-from-server.ts';
import { ServerFault } from './server-fault.ts';

export type ServerOptions = HttpOptions & {
  /** As the server calls it. */
  readonly model: string;
  /** Requests at a time, from 1. */
  readonly concurrency: number;
};

/** A model behind an OpenAI-compatible server: answers and likelihoods of choices. */
export type ServerEngine = Sampler<ServedPrompt> & ChoiceScorer<ServedScorePrompt>;

/** @throws UserError for a key that no header can carry. */
export function openServer(options: ServerOptions): ServerEngine {
  const client = new HttpClient(options);
  return {
    sample: (prompts, sampleOptions) =>
      sampleFromServer({ client, ...options }, prompts, sampleOptions),
    score: (prompts, { signal } = {}) => scoreFromServer({ client, ...options }, prompts, signal),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/**
 * The only model that a server lists.
 *
 * @throws UserError where it lists several or none, or cannot be asked.
 */
export async function onlyServedModel(options: HttpOptions, signal?: AbortSignal): Promise<string> {
  await using client = new HttpClient(options);
  const models = await client.get('models', readModels, { signal }).catch((error: unknown) => {
    if (!(error instanceof ServerFault)) throw error;
    throw new UserError(
      `--server: expected ${options.baseUrl}/models to list the models, it ${error.message}; name the model with --model`,
      { cause: error },
    );
  });
  const [only] = models;
  if (only !== undefined && models.length === 1) return only;
  throw new UserError(
    models.length === 0
      ? `--model: expected a model, ${options.baseUrl} lists none`
      : `--model: expected one of the ${models.length} models that ${options.baseUrl} lists (${shown(models)}), got none`,
  );
}

const shownModels = 20;

function shown(models: readonly string[]): string {
  const more = models.length > shownModels ? ` and ${models.length - shownModels} more` : '';
  return `${models.slice(0, shownModels).join(', ')}${more}`;
}
