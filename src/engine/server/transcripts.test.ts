/** What real servers answered, by scripts/record-server.mjs: the same requests bring the same answers. */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import {
  openServer,
  type SampledAnswers,
  type SampleOptions,
  type ServedPrompt,
} from '../index.ts';

const folder = fileURLToPath(new URL('../../../test/fixtures/servers/', import.meta.url));

type Exchange = {
  readonly path: string;
  readonly body: unknown;
  readonly status: number;
  readonly type: string;
  readonly text: string;
};

type Transcript = {
  readonly model: string;
  readonly prompts: readonly ServedPrompt[];
  readonly options: SampleOptions;
  readonly exchanges: readonly Exchange[];
  readonly answers: readonly SampledAnswers[];
};

/** Gives each recorded reply once, to the very request that it was given to; silence to any other. */
async function replay(left: Exchange[]): Promise<Server> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const [path, asked] = [request.url?.replace(/^\/v1/, ''), JSON.stringify(JSON.parse(body))];
      const at = left.findIndex(
        (each) => each.path === path && JSON.stringify(each.body) === asked,
      );
      const [exchange] = at === -1 ? [] : left.splice(at, 1);
      if (exchange === undefined) return;
      response.writeHead(exchange.status, { 'content-type': exchange.type }).end(exchange.text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

test.each(readdirSync(folder))('%s', async (name) => {
  const transcript = JSON.parse(readFileSync(`${folder}${name}`, 'utf8')) as Transcript;
  const left = [...transcript.exchanges];
  const server = await replay(left);
  const { port } = server.address() as AddressInfo;
  await using client = openServer({
    ...{ baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: null, model: transcript.model },
    ...{ concurrency: 1, timeoutMs: 500 },
  });
  const answers: SampledAnswers[] = [];
  for await (const each of client.sample(transcript.prompts, transcript.options)) {
    answers.push(each);
  }
  expect(answers).toEqual(transcript.answers);
  expect(left).toEqual([]);
  expect(answers.flatMap((each) => each.numbers)).toHaveLength(
    transcript.prompts.length * transcript.options.samples,
  );
  server.closeAllConnections();
  server.close();
});
