import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../checkpoint/index.ts';
import {
  type TinyCheckpointOptions,
  writeTinyCheckpoint,
} from '../checkpoint/testing/tiny-checkpoint.ts';
import {
  createSession,
  float32,
  gradients,
  GraphBuilder,
  multiply,
  reduceSum,
  Tape,
  type Tensor,
  type Traced,
} from '../graph/index.ts';
import { randomStream } from '../stats/index.ts';
import {
  addBlock,
  blockOf,
  buildTokenStates,
  type BlockWeights,
  chosenFeeds,
  frameTensors,
  loadBlockWeights,
  type ModelSpec,
  prefillFeeds,
  readModelSpec,
  RopeFeeds,
  TOKEN_STATES,
} from './index.ts';

let folder = '';
let made = 0;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sonde-submodel-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function open(options: TinyCheckpointOptions) {
  const checkpoint = await openCheckpoint(
    await writeTinyCheckpoint(path.join(folder, String((made += 1))), options),
  );
  return { checkpoint, spec: readModelSpec(checkpoint.config, checkpoint.dir) };
}
type Opened = Awaited<ReturnType<typeof open>>;

const prompts = [3, 24, 1, 17].map((length) =>
  Int32Array.from({ length }, (_, i) => 2 + ((i * 37 + length * 11) % 200)),
);
const lengths = prompts.map(({ length }) => length);
const longest = Math.max(...lengths);

/** By layer, what the runtime's own operators give: (prompts, longest, hidden), zeros as padding. */
async function statesOf({ checkpoint, spec }: Opened): Promise<Float32Array[]> {
  const layers = [...spec.layers.keys(), spec.layers.length];
  const { model } = buildTokenStates(spec, checkpoint.tensors, layers);
  await using session = await createSession(model, { threads: 1 });
  const feeds = {
    ...prefillFeeds(prompts),
    ...chosenFeeds(lengths, new Int32Array(prompts.length)),
    ...new RopeFeeds(spec).upTo(longest),
  };
  const found = (await session.run(feeds, [TOKEN_STATES]))[TOKEN_STATES]?.data as Float32Array;
  const width = spec.hidden;
  return layers.map((layer) => {
    const states = new Float32Array(prompts.length * longest * width);
    let token = 0;
    for (const [row, length] of lengths.entries()) {
      for (let i = 0; i < length; i += 1, token += 1) {
        const from = (token * layers.length + layer) * width;
        states.set(found.subarray(from, from + width), (row * longest + i) * width);
      }
    }
    return states;
  });
}

/** A tape with blocks `first` to `last` over an input `x`, their weights as inputs. */
function stack(spec: ModelSpec, first: number, last: number) {
  const tape = new Tape(new GraphBuilder('submodel'));
  let states = tape.input('x', 'float32', [prompts.length, longest, spec.hidden]);
  const weights = new Map<string, Traced>();
  for (let m = first; m <= last; m += 1) {
    const block = blockOf(spec, m);
    for (const { name, shape } of block.weights) {
      weights.set(name, tape.input(name, 'float32', shape));
    }
    const { cos, sin, mask } = frameTensors(block, longest);
    const frame = {
      cos: tape.constant(cos),
      sin: tape.constant(sin),
      mask: tape.constant(mask),
    };
    states = addBlock(states, { block, weights, frame });
  }
  return { tape, states, weights };
}

/** Weights of blocks `first` to `last`. */
async function loaded({ checkpoint, spec }: Opened, first: number, last: number) {
  const weights = new Map<string, Float32Array>();
  for (let m = first; m <= last; m += 1) {
    for (const [name, values] of await loadBlockWeights(checkpoint, blockOf(spec, m))) {
      weights.set(name, values);
    }
  }
  return weights;
}

function feedsOf(
  spec: ModelSpec,
  x: Float32Array,
  weights: BlockWeights<Float32Array>,
): Record<string, Tensor> {
  const shapes = new Map(
    spec.layers.flatMap((_, i) =>
      blockOf(spec, i + 1).weights.map(({ name, shape }) => [name, shape]),
    ),
  );
  return {
    x: float32(x, [prompts.length, longest, spec.hidden]),
    ...Object.fromEntries(
      Array.from(weights, ([name, values]) => [name, float32(values, shapes.get(name))]),
    ),
  };
}

async function run(
  opened: Opened,
  x: Float32Array,
  [first, last]: readonly [number, number],
): Promise<Float32Array> {
  const { tape, states } = stack(opened.spec, first, last);
  tape.graph.output('y', states.value, [...states.shape]);
  await using session = await createSession(tape.graph.build(), { threads: 1 });
  const feeds = feedsOf(opened.spec, x, await loaded(opened, first, last));
  return (await session.run(feeds, ['y']))['y']?.data as Float32Array;
}

/** Largest difference over the prompts' own tokens. */
function difference(got: Float32Array, expected: Float32Array, width: number): number {
  expect(got).toHaveLength(expected.length);
  let largest = 0;
  for (const [row, length] of lengths.entries()) {
    const start = row * longest * width;
    for (let i = start; i < start + length * width; i += 1) {
      largest = Math.max(largest, Math.abs(got[i]! - expected[i]!));
    }
  }
  return largest;
}

const SHAPES: TinyCheckpointOptions[] = [
  { family: 'llama', hidden: 16 },
  { family: 'llama', hidden: 64, tied: true, dtype: 'F16', shards: 2 },
  {
    family: 'llama',
    hidden: 32,
    config: {
      rope_scaling: {
        ...{ rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4 },
        original_max_position_embeddings: 16,
      },
    },
  },
  { family: 'qwen3', hidden: 32, dtype: 'F32' },
  {
    family: 'qwen3',
    hidden: 64,
    layers: 3,
    config: { use_sliding_window: true, sliding_window: 5, max_window_layers: 1 },
  },
  { family: 'olmo3', hidden: 16, layers: 4 },
  { family: 'olmo3', hidden: 64, layers: 5 },
];

describe.each(SHAPES)('blocks of %j', (shape) => {
  test('give the states of each layer from those of the one below, and stack', async () => {
    const opened = await open(shape);
    const { spec } = opened;
    const states = await statesOf(opened);
    for (let m = 1; m <= spec.layers.length; m += 1) {
      const got = await run(opened, states[m - 1]!, [m, m]);
      expect(got.every(Number.isFinite)).toBe(true);
      expect(difference(got, states[m]!, spec.hidden), `block ${m}`).toBeLessThan(1e-4);
    }
    const stacked = await run(opened, states[0]!, [1, spec.layers.length]);
    expect(difference(stacked, states.at(-1)!, spec.hidden)).toBeLessThan(1e-4);
  });
});

test.each(['llama', 'qwen3', 'olmo3'] as const)(
  'every weight of %s has a gradient, that of the loss along it',
  async (family) => {
    const opened = await open({ family, hidden: 32 });
    const { spec } = opened;
    const { tape, states, weights } = stack(spec, 1, 2);
    const stream = randomStream('submodel', family);
    const normals = (length: number) => Float32Array.from({ length }, () => stream.normal());
    const along = tape.constant(
      float32(normals(prompts.length * longest * spec.hidden), states.shape),
    );
    const loss = reduceSum(multiply(states, along), [0, 1, 2]);
    tape.graph.output('loss', loss.value, []);
    const names = [...weights.keys()];
    for (const [i, slope] of gradients(loss, [...weights.values()]).entries()) {
      tape.graph.output(`slope ${names[i]}`, slope.value, [...slope.shape]);
    }
    await using session = await createSession(tape.graph.build(), { threads: 1 });
    const x = normals(prompts.length * longest * spec.hidden);
    const values = await loaded(opened, 1, 2);
    const lossAt = async (name: string, step: number, direction: Float32Array) => {
      const moved = values.get(name)!.map((value, i) => value + step * direction[i]!);
      const feeds = feedsOf(spec, x, new Map([...values, [name, moved]]));
      return ((await session.run(feeds, ['loss']))['loss']?.data as Float32Array)[0]!;
    };
    const feeds = feedsOf(spec, x, values);
    for (const name of names) {
      const slope = (await session.run(feeds, [`slope ${name}`]))[`slope ${name}`]
        ?.data as Float32Array;
      // Along the gradient itself, of length 1: the derivative is the gradient's length.
      const length = Math.hypot(...slope);
      const direction = slope.map((value) => value / length);
      const step = 1e-2;
      const measured =
        ((await lossAt(name, step, direction)) - (await lossAt(name, -step, direction))) /
        (2 * step);
      expect(Math.abs(measured / length - 1), name).toBeLessThan(0.01);
    }
  },
);

test('blockOf names weights and frames; the last block has the final norm', async () => {
  const { spec } = await open({ family: 'olmo3', layers: 5, hidden: 16 });
  const blocks = spec.layers.map((_, i) => blockOf(spec, i + 1));
  expect(blocks.map(({ frameKey }) => frameKey)).toEqual(['0:8', '0:8', '0:8', '0:all', '0:8']);
  expect(blocks.map(({ weights }) => weights.length)).toEqual([11, 11, 11, 11, 12]);
  expect(blocks[4]?.weights.at(-1)).toEqual({ name: 'model.norm.weight', shape: [16] });
  expect(blocks[0]?.weights).toContainEqual({
    name: 'model.layers.0.mlp.down_proj.weight',
    shape: [16, 48],
  });
  expect(() => blockOf(spec, 0)).toThrow('submodel: no block 0 in a model of 5');
  expect(() => blockOf(spec, 6)).toThrow('submodel: no block 6 in a model of 5');
});

test('weights that do not fit the config are named', async () => {
  const { checkpoint, spec } = await open({ hidden: 16 });
  const wrong = readModelSpec({ ...checkpoint.config, intermediate_size: 40 }, checkpoint.dir);
  await expect(loadBlockWeights(checkpoint, blockOf(wrong, 1))).rejects.toThrow(
    `\`${checkpoint.id}\`: expected tensor \`model.layers.0.mlp.gate_proj.weight\` of shape [40, 16], found [48, 16]`,
  );
  const some = await loadBlockWeights(checkpoint, blockOf(spec, 1));
  expect([...some].map(([name, { length }]) => [name, length])).toEqual(
    blockOf(spec, 1).weights.map(({ name, shape }) => [name, shape.reduce((a, b) => a * b)]),
  );
});
