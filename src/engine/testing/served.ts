import { afterAll, beforeAll } from 'vitest';
import { loadTokenizer } from '../../checkpoint/index.ts';
import {
  openLocalEngine,
  openServer,
  type SampledAnswers,
  type SampleOptions,
  type ServedPrompt,
  type ServerEngine,
  type ServerOptions,
} from '../index.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './openai-server.ts';
import { tinyEngines } from './tiny-engines.ts';

const chatTemplate =
  "{% for m in messages %}<|user|>{{ m['content'] }}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";

export type ServedSetup = Omit<Partial<TestServerOptions>, 'engine' | 'tokenizer'> & {
  readonly client?: Partial<ServerOptions>;
};

export type Served = AsyncDisposable & {
  readonly server: TestServer;
  readonly engine: ServerEngine;
  /** What came before the end, and the error that was the end. */
  sample(prompts: readonly ServedPrompt[], options: SampleOptions): Promise<SampledUntil>;
};

export type SampledUntil = { readonly parts: SampledAnswers[]; readonly error: unknown };

/** Servers for one test file, all with one tiny model behind them. Called at its top level. */
export function servedEngines(): (setup?: ServedSetup) => Promise<Served> {
  const { checkpointOf } = tinyEngines();
  let behind: Pick<TestServerOptions, 'engine' | 'tokenizer'>;
  beforeAll(async () => {
    const checkpoint = await checkpointOf({ chatTemplate });
    const engine = await openLocalEngine(checkpoint, { threads: 1 });
    behind = { engine, tokenizer: await loadTokenizer(checkpoint) };
  });
  afterAll(() => behind.engine[Symbol.asyncDispose]());
  return async ({ client = {}, ...rest } = {}) => {
    const server = await startTestServer({ ...behind, ...rest });
    const engine = openServer({
      ...{ baseUrl: server.url, apiKey: null, model: 'tiny', concurrency: 1, timeoutMs: 60_000 },
      // Tests wait for nothing.
      ...{ retry: { retries: 3, minDelayMs: 0, maxDelayMs: 1 }, ...client },
    });
    return {
      server,
      engine,
      sample: (prompts, options) => drain(engine.sample(prompts, options)),
      [Symbol.asyncDispose]: async () => {
        await engine[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      },
    };
  };
}

async function drain(answers: AsyncIterable<SampledAnswers>): Promise<SampledUntil> {
  const parts: SampledAnswers[] = [];
  try {
    for await (const each of answers) parts.push(each);
  } catch (error) {
    return { parts, error };
  }
  return { parts, error: null };
}
