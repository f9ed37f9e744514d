import { stat } from 'node:fs/promises';
import type { Checkpoint } from '../checkpoint/index.ts';
import { UserError } from '../error/index.ts';
import { createSession, type Session, type SessionOptions } from '../graph/index.ts';
import {
  checkTensors,
  type ModelGraph,
  type ModelSpec,
  RopeFeeds,
  readModelSpec,
  type Tensors,
} from '../model/index.ts';
import type { Limits } from './check-prompts.ts';

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

export type ModelOptions = SessionOptions & {
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
  readonly tensors: Tensors;
  readonly ropes: RopeFeeds;
  readonly limits: Limits;
  readonly streaming: Streaming | null;
  readonly #options: SessionOptions;
  readonly #sessions = new Map<string, Promise<Session>>();

  /** Throws `UserError` where the config is not understood or the tensors do not fit it. */
  constructor(checkpoint: EngineCheckpoint, { streaming = null, ...options }: ModelOptions) {
    this.streaming = streaming;
    this.checkpoint = checkpoint;
    this.spec = readModelSpec(checkpoint.config, checkpoint.dir);
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
    await checkFiles(this.checkpoint);
    return await this.#create(graph, STREAMED);
  }

  async #create({ model }: ModelGraph, options: SessionOptions = {}): Promise<Session> {
    try {
      return await createSession(model, { ...this.#options, ...options });
    } catch (error) {
      // The runtime's message names neither file nor cause where weights went away since they were checked.
      await checkFiles(this.checkpoint);
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

/** Throws `UserError` where a file of weights is gone or shorter than its header said. */
async function checkFiles({ id, tensors }: EngineCheckpoint): Promise<void> {
  const needed = new Map<string, number>();
  for (const { file, offset, byteLength } of tensors.values()) {
    needed.set(file, Math.max(needed.get(file) ?? 0, offset + byteLength));
  }
  for (const [file, bytes] of needed) {
    const size = await stat(file).then(
      (found) => found.size,
      () => null,
    );
    if (size !== null && size >= bytes) continue;
    const found = size === null ? 'found none' : `found ${size}`;
    throw new UserError(
      `\`${id}\`: expected weights of at least ${bytes} bytes, ${found} (in ${file}); the checkpoint changed since it was opened`,
    );
  }
}
