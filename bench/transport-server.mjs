// A server of the protocols of vLLM-Lens (binary) and vLLM (files) that answers at once: the state of a token is its embedding
// at every layer. Started by `transport.mjs` with the shape; says its port when it listens.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { float32ToBfloat16 } from '../dist/safetensors/index.js';

const { kind, dtype, blocks, hidden, table: file, folder } = JSON.parse(process.argv[2]);
const bytes = readFileSync(file);
const table = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
const known = new Map();
let made = 0;

const server = createServer(async (request, response) => {
  if (request.url === '/v1/models') return json(response, { data: [{ id: 'idle' }] });
  if (request.method === 'GET') {
    const parked = known.get(request.url.split('/').at(-1));
    return response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(parked);
  }
  const { prompt } = JSON.parse(await text(request));
  const key = prompt.join('-');
  if (!known.has(key)) known.set(key, kind === 'vllm' ? fileOf(prompt) : frameOf(prompt));
  const usage = { prompt_tokens: prompt.length };
  if (kind === 'vllm') {
    made += 1;
    const name = `${made}.safetensors`;
    writeFileSync(join(folder, `${name}.lock`), '');
    writeFileSync(join(folder, name), known.get(key));
    return json(response, { usage, kv_transfer_params: { hidden_states_path: `/x/${name}` } });
  }
  const tensor = {
    ...{ handle: key, transport: 'binary', compression: 'zstd' },
    ...{ shape: [blocks, prompt.length, hidden], dtype: dtype === 'F32' ? 'float32' : 'int16' },
    original_dtype: dtype === 'F32' ? 'torch.float32' : 'torch.bfloat16',
  };
  json(response, { usage, activations: { residual_stream: tensor } });
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => server.closeAllConnections() ?? server.close());

function json(response, value) {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function embeddings(ids) {
  return ids.map((id) => table.subarray(id * hidden, (id + 1) * hidden));
}

/** Bytes of the states in the order that the states are given in. */
function bytesOf(states) {
  const values = new Float32Array(states.length * hidden);
  states.forEach((state, i) => values.set(state, i * hidden));
  const encoded = dtype === 'F32' ? values : float32ToBfloat16(values);
  return new Uint8Array(encoded.buffer);
}

/** (tokens, layers, hidden) in a safetensors file. */
function fileOf(ids) {
  const states = bytesOf(embeddings(ids).flatMap((state) => Array(blocks).fill(state)));
  const tokens = new Uint8Array(BigInt64Array.from(ids, BigInt).buffer);
  const text = JSON.stringify({
    token_ids: { dtype: 'I64', shape: [ids.length], data_offsets: [0, tokens.length] },
    hidden_states: {
      ...{ dtype, shape: [ids.length, blocks, hidden] },
      data_offsets: [tokens.length, tokens.length + states.length],
    },
  });
  const header = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, tokens, states]);
}

/** (layers, tokens, hidden) as a Zstandard frame of stored blocks: numbers of states do not compress. */
function frameOf(ids) {
  const states = bytesOf(Array(blocks).fill(embeddings(ids)).flat());
  const header = Buffer.alloc(13);
  header.writeUInt32LE(0xfd2fb528, 0);
  header.writeUInt8(0xe0, 4);
  header.writeBigUInt64LE(BigInt(states.length), 5);
  const parts = [header];
  for (let start = 0; start < states.length; start += 2 ** 17) {
    const block = states.subarray(start, start + 2 ** 17);
    const head = Buffer.alloc(3);
    head.writeUIntLE((block.length << 3) | (start + 2 ** 17 >= states.length ? 1 : 0), 0, 3);
    parts.push(head, block);
  }
  return Buffer.concat(parts);
}
