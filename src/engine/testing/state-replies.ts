/** What the servers answer: their JSON, and the files and tensors beside it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { float32ToBfloat16, float32ToFloat16, writeSafetensors } from '../../safetensors/index.ts';
import type { LocalEngine, StateServerKind } from '../index.ts';
import { zstdFrame } from './zstd-frame.ts';

export type StateAnswering = {
  readonly engine: LocalEngine;
  readonly kind: StateServerKind;
  /** Of the model that is served. */
  readonly blocks: number;
  readonly dtype: 'F32' | 'F16' | 'BF16';
  /** vLLM: where files go, and which layers are in them. */
  readonly folder: string;
  readonly layers: readonly number[];
  /** vLLM-Lens: whether it knows the binary transport. */
  readonly transport: 'binary' | 'inline';
  /** SGLang: whether it knows `last`. */
  readonly knowsLast: boolean;
};

export type AnsweredStates = {
  readonly status: number;
  readonly reply: unknown;
  readonly parked: ReadonlyMap<string, Uint8Array>;
};

export type ContentFault = 'short' | 'narrow' | 'nan' | 'zeros';

let made = 0;

export async function answerStates(
  answering: StateAnswering,
  body: Record<string, unknown>,
  fault: ContentFault | null,
): Promise<AnsweredStates> {
  const { kind, engine, blocks } = answering;
  const ids = Int32Array.from((kind === 'sglang' ? body['input_ids'] : body['prompt']) as number[]);
  made += 1;
  if (kind === 'sglang') {
    const mode = body['return_hidden_states'];
    if (mode === 'last' && !answering.knowsLast) {
      return { status: 422, reply: { detail: 'not a valid boolean' }, parked: new Map() };
    }
    return replyOfSglang(spoiled(await statesOf(engine, ids, [blocks]), fault), ids, mode);
  }
  if (kind === 'vllm-lens' && body['vllm_xargs'] === undefined) return answered(completion(ids));
  const layers = kind === 'vllm' ? answering.layers : layersOfLens(body);
  const states = spoiled(await statesOf(engine, ids, layers), fault);
  return kind === 'vllm'
    ? await replyOfVllm(answering, states, ids)
    : replyOfLens(answering, states, ids);
}

type States = {
  readonly tokens: number;
  readonly layers: number;
  readonly hidden: number;
  /** (tokens, layers, hidden) */
  readonly values: Float32Array;
};

async function statesOf(
  engine: LocalEngine,
  ids: Int32Array,
  layers: readonly number[],
): Promise<States> {
  const options = { layers, from: Int32Array.of(0) };
  for await (const { values } of engine.extractTokens([{ id: 'asked', ids }], options)) {
    return { tokens: ids.length, layers: layers.length, hidden: engine.hidden, values };
  }
  throw new Error('state server: no states');
}

function spoiled(states: States, fault: ContentFault | null): States {
  const { tokens, layers, hidden } = states;
  const width = layers * hidden;
  const values = states.values.slice();
  if (fault === 'short') return { ...states, tokens: tokens - 1, values: values.slice(width) };
  if (fault === 'narrow') {
    return { ...states, hidden: hidden / 2, values: values.slice(0, values.length / 2) };
  }
  if (fault === 'nan') values[values.length - 1] = Number.NaN;
  if (fault === 'zeros') values.fill(0);
  return { ...states, values };
}

async function replyOfVllm(
  { folder, dtype }: StateAnswering,
  { tokens, layers, hidden, values }: States,
  ids: Int32Array,
): Promise<AnsweredStates> {
  const name = `cmpl-${made}.safetensors`;
  const tokenIds = BigInt64Array.from(ids, BigInt);
  await writeFile(join(folder, `${name}.lock`), '');
  await writeSafetensors(join(folder, name), [
    { name: 'hidden_states', dtype, shape: [tokens, layers, hidden], data: encode(values, dtype) },
    { name: 'token_ids', dtype: 'I64', shape: [ids.length], data: tokenIds },
  ]);
  // As the server sees its folder.
  const params = { hidden_states_path: `/dev/shm/elsewhere/${name}` };
  return answered({ ...completion(ids), kv_transfer_params: params });
}

function layersOfLens(body: Record<string, unknown>): readonly number[] {
  const { output_residual_stream: blocks } = body['vllm_xargs'] as Record<string, string>;
  return (JSON.parse(blocks ?? '') as number[]).map((block) => block + 1);
}

function replyOfLens(
  { dtype, transport }: StateAnswering,
  { tokens, layers, hidden, values }: States,
  ids: Int32Array,
): AnsweredStates {
  const byLayer = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += hidden) {
    const [token, layer] = [Math.floor(at / hidden / layers), (at / hidden) % layers];
    byLayer.set(values.subarray(at, at + hidden), (layer * tokens + token) * hidden);
  }
  const data = encode(byLayer, dtype);
  const packed = zstdFrame(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const names = {
    F32: ['float32', 'torch.float32'],
    F16: ['float16', 'torch.float16'],
    BF16: ['int16', 'torch.bfloat16'],
  }[dtype];
  const about = {
    ...{ dtype: names[0], original_dtype: names[1] },
    ...{ shape: [layers, tokens, hidden], compression: 'zstd' },
  };
  const handle = `h_${made}-x`;
  const tensor =
    transport === 'binary'
      ? { handle, nbytes: packed.length, transport: 'binary', ...about }
      : { data: Buffer.from(packed).toString('base64'), ...about };
  const reply = { ...completion(ids), activations: { residual_stream: tensor } };
  return answered(reply, new Map([[handle, packed]]));
}

function replyOfSglang(
  { tokens, hidden, values }: States,
  ids: Int32Array,
  mode: unknown,
): AnsweredStates {
  const rows = Array.from({ length: tokens }, (_, token) =>
    Array.from(values.subarray(token * hidden, (token + 1) * hidden)),
  );
  return answered({
    text: 'x',
    meta_info: {
      ...{ id: `${made}`, finish_reason: { type: 'length', length: 1 } },
      ...{ prompt_tokens: ids.length, completion_tokens: 1, cached_tokens: ids.length - tokens },
      hidden_states: [mode === 'last' ? rows.at(-1) : rows],
    },
  });
}

function completion(ids: Int32Array): Record<string, unknown> {
  return {
    ...{ id: `cmpl-${made}`, object: 'text_completion', model: 'tiny' },
    choices: [{ index: 0, text: 'x', finish_reason: 'length' }],
    usage: { prompt_tokens: ids.length, completion_tokens: 1, total_tokens: ids.length + 1 },
  };
}

function answered(reply: unknown, parked = new Map<string, Uint8Array>()): AnsweredStates {
  return { status: 200, reply, parked };
}

function encode(values: Float32Array, dtype: StateAnswering['dtype']): ArrayBufferView {
  if (dtype === 'F32') return values;
  return dtype === 'BF16' ? float32ToBfloat16(values) : float32ToFloat16(values);
}
