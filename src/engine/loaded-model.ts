import type { Checkpoint } from '../checkpoint/index.ts';
import { createSession, type Session, type SessionOptions } from '../graph/index.ts';
import {
  checkTensors,
  type ModelGraph,
  type ModelSpec,
  RopeFeeds,
  readModelSpec,
  withInt8Products,
  withStandardOperators,
} from '../model/index.ts';
import type { Limits } from './check-prompts.ts';
import { readGivenWeights } from './int8-weights.ts';
import { WeightFiles } from './weight-files.ts';

/** What the engine needs of a checkpoint. */
export type EngineCheckpoint = Pick<
  Checkpoint,
  'id' | 'dir' | 'config' | 'tensors' | 'contextLength'
>;

/** How a model goes through memory layer by layer; see `StreamedPass`. */
export type Streaming = {
  /** What the states of the batches that go through a layer together may take, in bytes. */
  readonly chunkBytes: number;
  /** What a slice of the output head may take, in bytes: float32 of its weights. @default 128 MiB */
  readonly headBytes?: number;
};

/** What a model's products run on: `f32` as the reference does, or approximately on whole numbers of eight bits. */
export type Precision = 'f32' | 'int8';

export type ModelOptions = Pick<SessionOptions, 'threads' | 'device'> & {
  /** @default 'f32' */
  readonly precision?: Precision;
  /** @default null: all weights stay in memory */
  readonly streaming?: Streaming | null;
};

/** Weights stay in their files and are cast while a graph runs, one at a time; nothing of a run is kept. */
const STREAMED: SessionOptions = {
  memoryArena: false,
  withoutPrepacking: true,
  withoutOptimisers: ['ConstantFolding'],
};

/** A checked model and the sessions that were made of it. */
export class LoadedModel implements AsyncDisposable {
  readonly checkpoint: EngineCheckpoint;
  readonly spec: ModelSpec;
  /** Under the names that `spec` has for them. */
  readonly tensors: EngineCheckpoint['tensors'];
  readonly ropes: RopeFeeds;
  readonly limits: Limits;
  readonly streaming: Streaming | null;
  readonly files: WeightFiles;
  readonly #options: SessionOptions;
  readonly #sessions = new Map<string, Promise<Session>>();

  /** Throws `UserError` where the config is not understood or the tensors do not fit it. */
  constructor(
    checkpoint: EngineCheckpoint,
    { streaming = null, precision = 'f32', ...options }: ModelOptions,
  ) {
    this.streaming = streaming;
    this.checkpoint = checkpoint;
    this.files = new WeightFiles(checkpoint);
    const spec = readModelSpec(checkpoint.config, checkpoint.dir);
    const { device = 'cpu' } = options;
    const products = precision === 'int8' ? withInt8Products(spec) : spec;
    this.spec = device === 'cpu' ? products : withStandardOperators(products);
    this.tensors = checkTensors(this.spec, checkpoint.tensors, checkpoint.id);
    this.ropes = new RopeFeeds(this.spec);
    this.limits = {
      checkpoint: checkpoint.id,
      contextLength: checkpoint.contextLength ?? this.spec.contextLength,
      vocabulary: this.spec.vocabulary,
    };
    this.#options = options;
  }

  /** The session of a graph, made when first asked for under `key`. */
  session(key: string, build: () => ModelGraph): Promise<Session> {
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const made = this.#create(build());
    this.#sessions.set(key, made);
    return made;
  }

  /** A session of a graph whose weights are cast while it runs. The caller releases it. */
  async streamed(graph: ModelGraph): Promise<Session> {
    await this.files.check();
    // Weights in int8 are in memory already: packing them costs no more of it for long.
    const withoutPrepacking = graph.given === null;
    return await this.#create(graph, { ...STREAMED, withoutPrepacking });
  }

  async #create(
    { model, given: wanted }: ModelGraph,
    options: SessionOptions = {},
  ): Promise<Session> {
    const source = { checkpoint: this.checkpoint.id, tensors: this.tensors };
    try {
      const given = wanted === null ? new Map() : await readGivenWeights(wanted, source);
      return await createSession(model, { ...this.#options, ...options, given });
    } catch (error) {
      // The runtime's message names neither file nor cause where weights went away since they were checked.
      await this.files.check();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const made of await Promise.allSettled(sessions)) {
      if (made.status === 'fulfilled') await made.value[Symbol.asyncDispose]();
    }
  }
}
