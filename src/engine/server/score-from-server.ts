import type { ChoiceScore, ServedScorePrompt, TokenCost } from '../provider.ts';
import { type AskedServer, describeFault } from './asked-server.ts';
import { type Echo, readEcho } from './replies.ts';
import { runTogether } from './run-together.ts';
import { ServerFault } from './server-fault.ts';

const path = 'completions';

/**
 * Log-likelihoods as lm-eval reads them: the server echoes the whole text with the log-probability of each token, and the
 * choice's are those behind as many tokens as the context has alone, which a request of its own counts.
 */
export async function* scoreFromServer(
  server: AskedServer,
  prompts: readonly ServedScorePrompt[],
  signal?: AbortSignal,
): AsyncGenerator<ChoiceScore> {
  const counted = new Map<string, Promise<Counted>>();
  const work = async (prompt: ServedScorePrompt, ending: AbortSignal): Promise<ChoiceScore> => {
    const { id, context, continuation } = prompt;
    try {
      const known = counted.get(context);
      const count = known ?? countTokens(server, context, ending);
      counted.set(context, count);
      const { tokens, cost } = await count;
      const whole = await echo(server, context + continuation, ending);
      const score = sumFrom(whole, tokens);
      // Whoever asked first pays for counting.
      return {
        id,
        ...score,
        cost: known === undefined ? added(cost, costOf(whole)) : costOf(whole),
      };
    } catch (error) {
      throw describeFault(server, error, { id, path });
    }
  };
  let at = 0;
  const next = (): ServedScorePrompt | null => {
    at += 1;
    return prompts[at - 1] ?? null;
  };
  yield* runTogether(work, { next, concurrency: server.concurrency, signal });
}

type Counted = { readonly tokens: number; readonly cost: TokenCost };

async function countTokens(
  server: AskedServer,
  context: string,
  signal: AbortSignal,
): Promise<Counted> {
  const read = await echo(server, context, signal);
  return { tokens: read.promptTokens, cost: costOf(read) };
}

function echo({ client, model }: AskedServer, prompt: string, signal: AbortSignal): Promise<Echo> {
  // Some servers refuse to sample nothing: the one token is left aside.
  const body = { model, prompt, max_tokens: 1, temperature: 0, echo: true, logprobs: 1 };
  return client.post(path, body, readEcho, { signal });
}

function sumFrom(
  { logProbabilities }: Echo,
  from: number,
): Pick<ChoiceScore, 'logLikelihood' | 'tokens'> {
  const own = logProbabilities.slice(from).filter((each) => each !== null);
  if (own.length === 0 || own.length < logProbabilities.length - from) {
    throw new ServerFault(
      'gave no log-probability for every token of a choice; put a space between prompt and choices',
      { kind: 'lasting' },
    );
  }
  return { logLikelihood: own.reduce((sum, each) => sum + each, 0), tokens: own.length };
}

function costOf({ promptTokens, completionTokens }: Echo): TokenCost {
  return { promptTokens, completionTokens };
}

function added(a: TokenCost, b: TokenCost): TokenCost {
  return {
    promptTokens: plus(a.promptTokens, b.promptTokens),
    completionTokens: plus(a.completionTokens, b.completionTokens),
  };
}

function plus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
