// Records what a real server answers, for src/engine/server/transcripts.test.ts:
//   npm run build && node scripts/record-server.mjs URL MODEL 'name and version' test/fixtures/servers/NAME.json [chat]
// Requests and replies are kept without headers; look through the file for names of machines and folders.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { openServer, parseServerUrl } from '../dist/engine/index.js';

const [url, model, server, out, only] = process.argv.slice(2);
const target = parseServerUrl(url);
const exchanges = [];

const proxy = createServer(async (request, response) => {
  const path = request.url.replace(/^\/v1/, '');
  const chunks = await request.toArray();
  const body = Buffer.concat(chunks).toString('utf8');
  const reply = await fetch(`${target}${path}`, {
    method: request.method,
    headers: { 'content-type': 'application/json' },
    body,
  });
  const type = reply.headers.get('content-type');
  const text = await reply.text();
  exchanges.push({ path, body: JSON.parse(body), status: reply.status, type, text });
  response.writeHead(reply.status, { 'content-type': type }).end(text);
});
await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));

const text = (id, content) => ({ id, content, maxTokens: 8, stop: ['\n', '.'] });
const prompts = [
  text('france', 'The capital of Germany is Berlin.\nThe capital of France is'),
  text('italy', 'The capital of Germany is Berlin.\nThe capital of Italy is'),
  text('sum', [{ role: 'user', content: 'What is 2+2? Answer with a number only.' }]),
].filter(({ content }) => only !== 'chat' || typeof content !== 'string');
const options = { samples: only === 'chat' ? 2 : 6, temperature: 1, topP: 0.9, seed: 1 };
const answers = [];
const client = openServer({
  baseUrl: `http://127.0.0.1:${proxy.address().port}/v1`,
  apiKey: null,
  model,
  concurrency: 1,
  timeoutMs: 60_000,
});
for await (const each of client.sample(prompts, options)) answers.push(each);
await client[Symbol.asyncDispose]();
proxy.closeAllConnections();
proxy.close();
writeFileSync(
  out,
  `${JSON.stringify({ server, model, prompts, options, exchanges, answers }, null, 1)}\n`,
);
// Requests that the server never answered are still open.
process.exit(0);
