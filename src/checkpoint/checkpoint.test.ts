import {
  mkdir,
  mkdtemp,
  open,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../error/index.ts';
import { readSafetensorsHeader } from '../safetensors/index.ts';
import { fingerprintWeights } from './fingerprint.ts';
import { inspectCheckpoint, openCheckpoint, readModelConfig } from './index.ts';
import { writeTinyCheckpoint } from './testing/tiny-checkpoint.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true }));

const tiny = (name: string, options: Parameters<typeof writeTinyCheckpoint>[1] = {}) =>
  writeTinyCheckpoint(join(folder, ...name.split('/')), options);

async function refusal(action: Promise<unknown>): Promise<string> {
  const error: unknown = await action.then(
    () => 'accepted',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message.replaceAll(folder, '');
}

describe('a complete checkpoint', () => {
  test.each(['llama', 'qwen3', 'olmo3'] as const)('%s', async (family) => {
    const dir = await tiny('my7b/stage1-step10-tokens4K', { family, layers: 4, dtype: 'F32' });
    const report = await inspectCheckpoint(dir);
    const norms = family === 'llama' ? 0 : family === 'qwen3' ? 2 * 4 : 2 * 16;
    const keyWidth = family === 'olmo3' ? 16 : 8;
    const perLayer = 2 * 16 * 16 + 2 * 16 * keyWidth + 3 * 16 * 48 + 2 * 16 + norms;
    const vocabulary = 270;
    const paramsNonEmbedding = 4 * perLayer + 16;
    expect(report).toEqual({
      checkpoint: 'my7b/stage1-step10-tokens4K',
      path: dir,
      supported: null,
      family,
      run: 'my7b',
      params: paramsNonEmbedding + 2 * 16 * vocabulary,
      paramsNonEmbedding,
      dtype: 'F32',
      step: 10,
      tokens: 4000,
      tokensExact: false,
      flops: 6 * paramsNonEmbedding * 4000,
      flopsGiven: false,
      stage: 'pretrain',
      contextLength: 128,
      source: {
        run: 'path',
        step: 'directory name',
        tokens: 'directory name, rounded',
        stage: 'directory name',
        params: 'safetensors headers',
        paramsNonEmbedding: 'safetensors headers',
        dtype: 'safetensors headers',
        flops: '6 · params_non_embedding · tokens',
        family: 'config.json',
      },
      complete: true,
      missing: [],
    });
    const { checkpoint: id, path, supported, contextLength, complete, missing, ...facts } = report;
    const checkpoint = await openCheckpoint(`${dir}/`);
    expect({ supported, complete, missing }).toEqual({
      supported: null,
      complete: true,
      missing: [],
    });
    expect(checkpoint).toMatchObject({ id, dir: path, contextLength });
    const { family: source, ...sources } = facts.source;
    expect(source).toBe('config.json');
    expect(checkpoint.facts).toEqual({ ...facts, family: null, source: sources });
    expect(checkpoint.config).toEqual(await readModelConfig(dir));
  });

  test('one file or several, the same tensors', async () => {
    const single = await openCheckpoint(await tiny('run/step1'));
    const sharded = await openCheckpoint(await tiny('run/step2', { shards: 3 }));
    const summary = ({ tensors }: typeof single) =>
      Object.fromEntries([...tensors].map(([name, { dtype, shape }]) => [name, { dtype, shape }]));
    expect(summary(sharded)).toEqual(summary(single));
    expect(sharded.facts.params).toBe(single.facts.params);
  });

  test('a single file goes before an index; other safetensors beside it are not read', async () => {
    const dir = await tiny('run/step1');
    await writeFile(join(dir, 'model.safetensors.index.json'), '{}');
    await writeFile(join(dir, 'reference.safetensors'), 'x');
    expect((await inspectCheckpoint(dir)).complete).toBe(true);
  });

  test('the only safetensors file counts, whatever its name', async () => {
    const dir = await tiny('run/step1');
    await rename(join(dir, 'model.safetensors'), join(dir, 'weights.safetensors'));
    expect((await inspectCheckpoint(dir)).complete).toBe(true);
  });

  test.each([
    [{ max_position_embeddings: -1 }, null],
    [{ max_position_embeddings: undefined, n_positions: 64 }, 64],
    [{ max_position_embeddings: undefined }, null],
    [{ max_position_embeddings: undefined, text_config: { max_position_embeddings: 32 } }, 32],
  ])('context length of %j', async (config, contextLength) => {
    expect((await openCheckpoint(await tiny('run/step1', { config }))).contextLength).toBe(
      contextLength,
    );
  });

  test('an id and facts that were stated win', async () => {
    const dir = await tiny('run/step1-tokens4K', {
      trainerState: { global_step: 2, total_flos: 7 },
    });
    const facts = {
      run: 'r',
      step: 3,
      tokens: 5,
      flops: 9,
      stage: 'sft',
      family: 'f',
      params: 1,
    } as const;
    const checkpoint = await openCheckpoint(dir, { id: 'mine', facts: () => facts });
    expect(checkpoint.id).toBe('mine');
    expect(checkpoint.facts).toMatchObject({ ...facts, tokensExact: true, flopsGiven: true });
    expect(checkpoint.facts.source).toMatchObject({
      run: 'sonde.yaml',
      step: 'sonde.yaml',
      tokens: 'sonde.yaml',
      flops: 'sonde.yaml',
      stage: 'sonde.yaml',
      family: 'sonde.yaml',
      params: 'sonde.yaml',
      paramsNonEmbedding: 'safetensors headers',
    });
  });
});

test('a config.json nested deeper than calls can be has no context length', async () => {
  const dir = await tiny('run/step1');
  const config = (depth: number) =>
    `{"model_type": "x", "text_config": ${'{"text_config":'.repeat(depth)}{}${'}'.repeat(depth + 1)}`;
  await writeFile(join(dir, 'config.json'), config(200_000));
  expect((await openCheckpoint(dir)).contextLength).toBe(null);
});

describe('trainer_state.json', () => {
  test('its exact tokens go before rounded ones of the name, its FLOPs are given', async () => {
    const state = {
      global_step: 10,
      num_input_tokens_seen: 4123,
      total_flos: 5e9,
      log_history: [],
    };
    const dir = await tiny('run/step10-tokens4K', { trainerState: state });
    const { facts } = await openCheckpoint(dir);
    expect(facts).toMatchObject({
      step: 10,
      tokens: 4123,
      tokensExact: true,
      flops: 5e9,
      flopsGiven: true,
    });
    expect(facts.source).toMatchObject({
      tokens: 'trainer_state.json',
      flops: 'trainer_state.json',
    });
  });

  test('zeros that the Trainer writes for what it does not count mean unknown', async () => {
    const state = { global_step: 10, num_input_tokens_seen: 0, total_flos: 0 };
    const { facts } = await openCheckpoint(
      await tiny('run/checkpoint-10', { trainerState: state }),
    );
    expect(facts).toMatchObject({
      step: 10,
      tokens: null,
      tokensExact: false,
      flops: null,
      flopsGiven: false,
    });
  });

  test('a diverged loss is no hindrance', async () => {
    const dir = await tiny('run/final');
    const text =
      '{"global_step": 7, "log_history": [{"loss": NaN, "note": "a NaN \\" Infinity"}, {"loss": -Infinity}]}';
    await writeFile(join(dir, 'trainer_state.json'), text);
    expect((await openCheckpoint(dir)).facts).toMatchObject({ step: 7, run: 'run' });
  });

  test('a step that the name contradicts is refused with both named, unless it was stated', async () => {
    const dir = await tiny('run/step10', { trainerState: { global_step: 20 } });
    expect(await refusal(openCheckpoint(dir))).toBe(
      '`run/step10`: expected one value of `step`, found 20 in trainer_state.json and 10 in the directory name `step10`; state the right one under `checkpoints` in sonde.yaml (in /run/step10)',
    );
    expect(await refusal(inspectCheckpoint(dir))).toContain(
      'found 20 in trainer_state.json and 10',
    );
    expect((await openCheckpoint(dir, { facts: () => ({ step: 20 }) })).facts.step).toBe(20);
  });

  test('exact tokens that differ are refused too', async () => {
    const dir = await tiny('run/step1-tokens4096', {
      trainerState: { num_input_tokens_seen: 4097 },
    });
    expect(await refusal(openCheckpoint(dir))).toContain(
      'of `tokens`, found 4097 in trainer_state.json and 4096',
    );
  });

  test.each([
    [{ global_step: -1 }, 'expected `global_step` to be a number from 0 on, found -1'],
    [{ global_step: 1.5 }, 'expected `global_step` to be whole, found 1.5'],
    [
      { num_input_tokens_seen: '4' },
      'expected `num_input_tokens_seen` to be a number from 0 on, found "4"',
    ],
  ])('%j is refused', async (trainerState, message) => {
    expect(await refusal(openCheckpoint(await tiny('run/step1', { trainerState })))).toContain(
      message,
    );
  });
});

describe('names and runs', () => {
  test('without a step the parent folder is no run', async () => {
    const report = await inspectCheckpoint(await tiny('models/SmolLM'));
    expect(report).toMatchObject({
      checkpoint: 'models/SmolLM',
      run: null,
      step: null,
      flops: null,
    });
  });

  test('a snapshot of a Hugging Face cache: links into blobs, id, facts of its branch', async () => {
    const cache = join(folder, 'models--org--tiny');
    const revision = '0123abcd';
    const snapshot = join(cache, 'snapshots', revision);
    await mkdir(snapshot, { recursive: true });
    await mkdir(join(cache, 'refs', 'pr'), { recursive: true });
    await writeFile(join(cache, 'refs', 'main'), revision);
    await writeFile(join(cache, 'refs', 'stage1-step1000-tokens4B'), `${revision}\n`);
    await writeFile(join(cache, 'refs', 'pr', '1'), 'ffff');
    const blobs = await writeTinyCheckpoint(join(cache, 'blobs'), { shards: 2 });
    const index = JSON.parse(
      await readFile(join(blobs, 'model.safetensors.index.json'), 'utf8'),
    ) as {
      weight_map: Record<string, string>;
    };
    const names = [
      'config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'model.safetensors.index.json',
    ];
    for (const name of [...names, ...new Set(Object.values(index.weight_map))]) {
      await rename(join(blobs, name), join(blobs, `blob-of-${name}`));
      await symlink(join('..', '..', 'blobs', `blob-of-${name}`), join(snapshot, name));
    }
    const checkpoint = await openCheckpoint(snapshot);
    expect(checkpoint.id).toBe('org/tiny@0123abcd');
    expect(checkpoint.facts).toMatchObject({
      run: 'org/tiny',
      stage: 'pretrain',
      step: 1000,
      tokens: 4e9,
      tokensExact: false,
      source: { step: 'Hugging Face ref', tokens: 'Hugging Face ref, rounded', run: 'path' },
    });
    for (const { file } of checkpoint.tensors.values())
      expect(file).toContain('/blobs/blob-of-model-');
    expect(await refusal(openCheckpoint(cache))).toBe(
      '`checkpoint`: expected one snapshot, found a Hugging Face cache with 1: name /models--org--tiny/snapshots/0123abcd or another one',
    );
    await rm(join(blobs, 'blob-of-model-00002-of-00002.safetensors'));
    expect((await inspectCheckpoint(snapshot)).missing).toEqual([
      'model-00002-of-00002.safetensors',
    ]);
  });
});

describe('incomplete checkpoints are reported, and not opened', () => {
  const missingAfter = async (dir: string): Promise<readonly string[]> => {
    const { complete, missing, params } = await inspectCheckpoint(dir);
    expect({ complete, params }).toEqual({ complete: false, params: null });
    expect(await refusal(openCheckpoint(dir))).toContain(
      `expected a complete checkpoint, missing ${missing.join(', ')}; wait until it is written`,
    );
    return missing;
  };

  test('an empty directory', async () => {
    expect(await missingAfter(folder)).toEqual([
      'model.safetensors',
      'config.json',
      'tokenizer.json',
    ]);
  });

  test('an index before its shards, shards before their index', async () => {
    const dir = await tiny('run/step1', { shards: 3 });
    const index = join(dir, 'model.safetensors.index.json');
    await rename(join(dir, 'model-00002-of-00003.safetensors'), join(dir, 'aside'));
    expect(await missingAfter(dir)).toEqual(['model-00002-of-00003.safetensors']);
    await rename(index, join(dir, 'aside.json'));
    expect(await missingAfter(dir)).toEqual([
      'model.safetensors.index.json',
      'model-00002-of-00003.safetensors',
    ]);
  });

  test('files that stop in the middle', async () => {
    const dir = await tiny('run/step1');
    const { size } = await readSafetensorsHeader(join(dir, 'model.safetensors'));
    await truncate(join(dir, 'model.safetensors'), size - 1);
    expect(await missingAfter(dir)).toEqual([
      `model.safetensors (${size - 1} of at least ${size} bytes)`,
    ]);
    await truncate(join(dir, 'model.safetensors'), 0);
    await truncate(join(dir, 'config.json'), 20);
    await truncate(join(dir, 'tokenizer.json'), 0);
    expect(await missingAfter(dir)).toEqual([
      'model.safetensors (0 of at least 8 bytes)',
      'config.json (stops in the middle)',
      'tokenizer.json',
    ]);
    expect(await readModelConfig(dir)).toBe(null);
  });

  test('JSON files that stop in the middle', async () => {
    const dir = await tiny('run/step1', { shards: 2, trainerState: { global_step: 1 } });
    const index = 'model.safetensors.index.json';
    for (const name of [index, 'config.json', 'tokenizer.json', 'trainer_state.json']) {
      await truncate(join(dir, name), 15);
    }
    expect(await missingAfter(dir)).toEqual([
      `${index} (stops in the middle)`,
      'config.json (stops in the middle)',
      'tokenizer.json (stops in the middle)',
      'trainer_state.json (stops in the middle)',
    ]);
  });

  test('a tokenizer in another form', async () => {
    const dir = await tiny('run/step1');
    await rename(join(dir, 'tokenizer.json'), join(dir, 'tokenizer.model'));
    expect((await inspectCheckpoint(dir)).missing).toEqual([
      'tokenizer.json (found tokenizer.model: write it with transformers, AutoTokenizer.from_pretrained(dir).save_pretrained(dir))',
    ]);
  });
});

describe('wrong checkpoints are refused', () => {
  test('no directory', async () => {
    expect(await refusal(openCheckpoint(join(folder, 'none')))).toBe(
      "`checkpoint`: expected a checkpoint's directory, found nothing at /none",
    );
    const dir = await tiny('run/step1');
    expect(await refusal(inspectCheckpoint(join(dir, 'model.safetensors')))).toContain(
      'expected a directory with config.json, *.safetensors and tokenizer.json, found a file',
    );
  });

  test.each([
    ['../step2/model.safetensors'],
    ['/etc/x.safetensors'],
    ['sub\\x.safetensors'],
    ['.hidden.safetensors'],
    ['config.json'],
    [1],
  ])('an index that names %j', async (name) => {
    await tiny('run/step2');
    const dir = await tiny('run/step1', { shards: 2 });
    const path = join(dir, 'model.safetensors.index.json');
    const index = JSON.parse(await readFile(path, 'utf8')) as {
      weight_map: Record<string, unknown>;
    };
    index.weight_map['model.norm.weight'] = name;
    await writeFile(path, JSON.stringify(index));
    expect(await refusal(inspectCheckpoint(dir))).toBe(
      `\`model.safetensors.index.json\`: expected the file of tensor "model.norm.weight" to be the name of a .safetensors file in the same directory, found ${JSON.stringify(name)} (in /run/step1/model.safetensors.index.json)`,
    );
  });

  test('an index of other shards, a tensor in two shards, a malformed shard', async () => {
    const dir = await tiny('run/step1', { shards: 2 });
    const path = join(dir, 'model.safetensors.index.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('model.norm.weight', 'model.other.weight'));
    expect(await refusal(openCheckpoint(dir))).toContain(
      'expected tensor "model.other.weight" in model-00002-of-00002.safetensors, whose header lacks it; index and shards are of different checkpoints',
    );
    await writeFile(path, '{"weight_map": {}}');
    expect(await refusal(openCheckpoint(dir))).toContain(
      'expected `weight_map` to map tensors to files, found an object',
    );
    await writeFile(path, text);
    const second = join(dir, 'model-00002-of-00002.safetensors');
    await writeFile(second, await readFile(join(dir, 'model-00001-of-00002.safetensors')));
    expect(await refusal(openCheckpoint(dir))).toContain('expected every tensor in one shard only');
    await writeFile(second, 'not a safetensors file at all');
    expect(await refusal(openCheckpoint(dir))).toContain('this is no safetensors file');
  });

  test.each(['[1]', '"x"', '{"a": 1]}'])('config.json %s', async (text) => {
    const dir = await tiny('run/step1');
    await writeFile(join(dir, 'config.json'), text);
    expect(await refusal(openCheckpoint(dir))).toMatch(
      /`config.json`: expected a JSON object|missing config.json/,
    );
  });

  test('gigantic JSON', async () => {
    const dir = await tiny('run/step1');
    await truncate(join(dir, 'config.json'), 9 * 1024 * 1024);
    expect(await refusal(openCheckpoint(dir))).toBe(
      '`config.json`: expected at most 8388608 bytes, found 9437184 (in /run/step1/config.json)',
    );
  });
});

describe('fingerprint', () => {
  test('is of the weights: neither path nor tokenizer, but any value of a small checkpoint', async () => {
    const a = await openCheckpoint(await tiny('a/step1', { seed: 1 }));
    const b = await openCheckpoint(await tiny('b/step1', { seed: 1, chatTemplate: 'x' }));
    const c = await openCheckpoint(await tiny('c/step1', { seed: 2 }));
    expect(b.fingerprint).toBe(a.fingerprint);
    expect(b.setupSha256).not.toBe(a.setupSha256);
    expect(c.fingerprint).not.toBe(a.fingerprint);
    expect(c.setupSha256).toBe(a.setupSha256);
    const handle = await open(join(b.dir, 'model.safetensors'), 'r+');
    await handle.write(new Uint8Array([1]), 0, 1, (await handle.stat()).size - 3);
    await handle.close();
    expect((await openCheckpoint(b.dir)).fingerprint).not.toBe(a.fingerprint);
  });

  test('of large files samples every tensor', async () => {
    const sampled = async (dir: string) => {
      const header = await readSafetensorsHeader(join(dir, 'model.safetensors'));
      return fingerprintWeights([{ name: 'model.safetensors', header }], 0);
    };
    const a = await tiny('a/step1', { seed: 1 });
    const b = await tiny('b/step1', { seed: 1 });
    const before = await sampled(a);
    expect(await sampled(b)).toBe(before);
    const { tensors } = await openCheckpoint(b);
    const info = tensors.get('model.layers.1.mlp.up_proj.weight')!;
    const handle = await open(info.file, 'r+');
    await handle.write(new Uint8Array([1, 2]), 0, 2, info.offset + Math.floor(info.byteLength / 2));
    await handle.close();
    expect(await sampled(b)).not.toBe(before);
  });
});
