import { copyFile, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { float32ToBfloat16, type TensorInfo, writeSafetensors } from '../safetensors/index.ts';
import { offsetNormWeights, readModelSpec } from '../model/index.ts';
import { randomStream } from '../stats/index.ts';
import { atomicWrite } from '../store/index.ts';

/** Numbers drawn at a time: a tensor of any size is written in such chunks. */
const chunkElements = 1 << 20;

/** Standard deviation of matrices where the config names none (the default `initializer_range` of transformers). */
const defaultDeviation = 0.02;

type ShapeOf = Pick<TensorInfo, 'name' | 'shape'>;

/**
 * Writes a checkpoint of random weights in bf16 with the shapes of another one: matrices from N(0, `initializer_range`²),
 * norm weights one (zero where one is added to them), biases zero, as a model is before its first step. The control of every probe: what it reads in such
 * states, it reads in the prompt. `files` of `template` (config, tokenizer) are copied.
 */
export async function writeRandomCheckpoint(
  folder: string,
  template: { dir: string; config: Readonly<Record<string, unknown>>; tensors: Iterable<ShapeOf> },
  seed: number,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const deviation = template.config['initializer_range'];
  const scale = typeof deviation === 'number' && deviation > 0 ? deviation : defaultDeviation;
  const around0 = offsetNormWeights(readModelSpec(template.config, template.dir));
  const sources = [...template.tensors].map(({ name, shape }) => ({
    name,
    dtype: 'BF16' as const,
    shape,
    data: randomTensor(
      { name, shape },
      drawOf({ name, shape, around0: around0.has(name) }, scale, seed),
    ),
  }));
  for (const file of [
    'config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'chat_template.jinja',
  ]) {
    if (await isFile(join(template.dir, file)))
      await copyFile(join(template.dir, file), join(folder, file));
  }
  await atomicWrite(join(folder, 'model.safetensors'), (path) => writeSafetensors(path, sources));
}

async function* randomTensor({ shape }: ShapeOf, draw: () => number): AsyncGenerator<Uint8Array> {
  const elements = shape.reduce((product, size) => product * size, 1);
  for (let first = 0; first < elements; first += chunkElements) {
    const values = Float32Array.from({ length: Math.min(chunkElements, elements - first) }, draw);
    const half = float32ToBfloat16(values);
    yield new Uint8Array(half.buffer, half.byteOffset, half.byteLength);
    await Promise.resolve();
  }
}

function drawOf(
  { name, shape, around0 }: ShapeOf & { readonly around0: boolean },
  scale: number,
  seed: number,
): () => number {
  if (shape.length >= 2) {
    const stream = randomStream('random-weights', seed, name);
    return () => scale * stream.normal();
  }
  return name.endsWith('.bias') || around0 ? () => 0 : () => 1;
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
  return found?.isFile() ?? false;
}
