import { float32, type Session, type Tensor } from '../graph/index.ts';
import {
  buildStage,
  CHOSEN_STATES,
  chosenFeeds,
  prefillFeeds,
  STATES_IN,
  STATES_OUT,
  type StatePool,
} from '../model/index.ts';
import { checkFiniteStates } from './check-finite.ts';
import type { LoadedModel, Streaming } from './loaded-model.ts';
import type { BatchStates, PassRequest } from './pass-request.ts';
import type { PlannedBatch } from './plan-pass.ts';

/** A batch on its way up through the layers. */
type Climb = {
  readonly batch: PlannedBatch;
  readonly prompts: readonly Int32Array[];
  /** Names its chosen tokens; null for none. */
  readonly chosen: Tensor | null;
  /** (rows, longest, hidden), of the layer below. */
  states: Tensor | null;
  /** What is kept of all layers so far. */
  readonly kept: BatchStates;
};

/** A layer with what is wanted of it. */
type Stage = {
  readonly layer: number;
  readonly top: number;
  readonly session: Session;
  readonly outputs: readonly string[];
};

/**
 * Batches through the model layer by layer: as many batches as fit into memory with their states (a chunk) go through a
 * layer before the next one is loaded. No more than a layer's weights are in memory, and each is read once a chunk. Batches
 * are asked for in the order of the plan, those in `skipped` never; the first of a chunk waits for all of it.
 */
export class StreamedPass {
  readonly #model: LoadedModel;
  readonly #streaming: Streaming;
  readonly #request: PassRequest;
  /** Layers of which the chosen tokens are kept. */
  readonly #chosenLayers: readonly number[];
  readonly #top: number;
  #finished = new Map<PlannedBatch, BatchStates>();

  constructor(model: LoadedModel, streaming: Streaming, request: PassRequest) {
    const { chosen, layers } = request;
    const depth = model.spec.layers.length;
    this.#model = model;
    this.#streaming = streaming;
    this.#request = request;
    this.#chosenLayers = chosen === 'normed' ? [depth] : chosen === 'layers' ? layers : [];
    this.#top = Math.max(...layers, ...this.#chosenLayers);
  }

  async run(batch: PlannedBatch): Promise<BatchStates> {
    if (!this.#finished.has(batch)) await this.#climb(this.#chunkFrom(batch));
    const states = this.#finished.get(batch);
    if (states === undefined) throw new Error('engine: a batch of no chunk');
    this.#finished.delete(batch);
    return states;
  }

  /** The batch and those after it whose states fit beside it. */
  #chunkFrom(batch: PlannedBatch): Climb[] {
    const { plan, skipped } = this.#request;
    const chunk: Climb[] = [];
    let bytes = 0;
    for (const [i, next] of plan.batches.slice(plan.batches.indexOf(batch)).entries()) {
      if (skipped?.has(plan.batches.indexOf(batch) + i) === true) continue;
      const climb = this.#start(next);
      bytes += this.#bytesOf(climb);
      if (chunk.length > 0 && bytes > this.#streaming.chunkBytes) break;
      chunk.push(climb);
    }
    return chunk;
  }

  #start(batch: PlannedBatch): Climb {
    const { hidden } = this.#model.spec;
    const { prompts: all, first, chosen: wanted, pool, layers } = this.#request;
    const prompts = Array.from(batch.rows, (row) => all[row]!.ids);
    const lengths = prompts.map((ids) => ids.length);
    const firstOf = batch.rows.map((row) => first[row]!);
    const chosen = wanted === null ? null : chosenFeeds(lengths, firstOf).chosen;
    const rows = (each: StatePool): Float32Array | null =>
      pool.includes(each) ? new Float32Array(prompts.length * layers.length * hidden) : null;
    const ofTokens =
      chosen === null
        ? null
        : new Float32Array(chosen.shape[0]! * this.#chosenLayers.length * hidden);
    const kept = { last: rows('last'), mean: rows('mean'), chosen: ofTokens };
    return { batch, prompts, chosen, states: null, kept };
  }

  /** States that wait for the next layer, and what is kept. */
  #bytesOf({ prompts, kept }: Climb): number {
    const longest = Math.max(...prompts.map((ids) => ids.length));
    const waiting = 4 * prompts.length * longest * this.#model.spec.hidden;
    return Object.values(kept).reduce((sum, values) => sum + (values?.byteLength ?? 0), waiting);
  }

  async #climb(chunk: readonly Climb[]): Promise<void> {
    const { spec, tensors } = this.#model;
    const { layers, pool: pools, onWork } = this.#request;
    const top = this.#top;
    for (let layer = 0; layer <= top; layer += 1) {
      const graph = buildStage(spec, tensors, {
        layer,
        pool: layers.includes(layer) ? pools : [],
        chosen: this.#chosenLayers.includes(layer),
        onward: layer < top,
      });
      await using session = await this.#model.streamed(graph);
      for (const each of chunk) {
        await this.#step(each, { layer, top, session, outputs: graph.outputs });
        onWork?.(each.prompts.reduce((sum, ids) => sum + ids.length, 0) / (top + 1));
      }
    }
    this.#finished = new Map(chunk.map(({ batch, kept }) => [batch, kept]));
  }

  async #step(each: Climb, { layer, session, outputs: names }: Stage): Promise<void> {
    const { prompts, chosen, kept } = each;
    const outputs = await session.run(
      {
        ...prefillFeeds(prompts),
        ...this.#model.ropes.upTo(Math.max(...prompts.map((ids) => ids.length))),
        ...(chosen === null ? {} : { chosen }),
        ...(each.states === null ? {} : { [STATES_IN]: each.states }),
      },
      names,
    );
    const out = outputs[STATES_OUT];
    each.states = out === undefined ? null : float32(floats(out), out.shape);
    const { layers, pool: pools } = this.#request;
    for (const pool of pools) this.#keep(outputs[pool], kept[pool], { each, layers, layer });
    const made = outputs[CHOSEN_STATES];
    if (made !== undefined) this.#scatter(floats(made), kept.chosen!, this.#chosenLayers, layer);
  }

  /** Looked at now: a layer with NaN ends the pass before those above it are computed. */
  #keep(
    made: Tensor | undefined,
    into: Float32Array | null,
    { each, layers, layer }: { each: Climb; layers: readonly number[]; layer: number },
  ): void {
    if (made === undefined || into === null) return;
    const ids = Array.from(each.batch.rows, (row) => this.#request.prompts[row]!.id);
    const { id: checkpoint } = this.#model.checkpoint;
    const { hidden } = this.#model.spec;
    checkFiniteStates(floats(made), { checkpoint, ids, layers: [layer], hidden });
    this.#scatter(floats(made), into, layers, layer);
  }

  /** Puts one layer's rows (rows, hidden) into those of all layers (rows, layers, hidden). */
  #scatter(rows: Float32Array, into: Float32Array, layers: readonly number[], layer: number): void {
    const { hidden } = this.#model.spec;
    const at = layers.indexOf(layer);
    for (let row = 0; row * hidden < rows.length; row += 1) {
      const values = rows.subarray(row * hidden, (row + 1) * hidden);
      into.set(values, (row * layers.length + at) * hidden);
    }
  }
}

function floats({ data }: Tensor): Float32Array {
  if (!(data instanceof Float32Array)) throw new Error('engine: states not float32');
  return data;
}
