/** Whether a server has the checkpoint that it is asked for: one short prompt is read there and here. */
import { UserError } from '../../../error/index.ts';
import { layerLinears } from '../../../model/index.ts';
import { extractTokenStates } from '../../extract-tokens.ts';
import type { LoadedModel } from '../../loaded-model.ts';
import type { TokenisedPrompt } from '../../provider.ts';
import { fetchStates, type ServedModel, visitTokens } from './served-model.ts';
import type { ServedDtype } from './state-source.ts';

export type Identity = {
  /** Layers that the server gives, ascending, as the contract counts them. */
  readonly layers: readonly number[];
  readonly dtype: ServedDtype;
  /** What was compared with the checkpoint; null where its weights are too large to be run here so far up. */
  readonly compared: Comparison | null;
};

export type Comparison = {
  readonly layers: readonly number[];
  /** The largest distance of a layer's states, ‖served − own‖ / ‖own‖. */
  readonly distance: number;
};

/** Few, and all over the vocabulary: another table of embeddings shows, and so does a shorter one. */
const promptTokens = 8;
/** Weights that are run for the comparison at most. */
const mostBytes = 4 * 2 ** 30;

/** @throws UserError where the server has another model, or counts its layers in another way. */
export async function identify(served: ServedModel, signal?: AbortSignal): Promise<Identity> {
  const { model, source } = served;
  const prompt = spreadPrompt(model);
  const depth = model.spec.layers.length;
  const blocks = Array.from({ length: depth }, (_, block) => block + 1);
  const wanted = { layers: blocks, lastOnly: false, signal };
  await using states = await fetchStates(served, prompt, wanted);
  const given = source.layersIn(blocks) ?? layersByNumber(states.layers, depth);
  const layers = given.filter((layer) => bytesUpTo(model, layer) <= mostBytes);
  const got = new StatesByLayer(layers.length);
  await visitTokens(served, states, {
    ...{ prompt, given, layers, lastOnly: false },
    visit: (all) => {
      got.add(all);
    },
  });
  const { dtype } = states;
  if (layers.length === 0) return { layers: given, dtype, compared: null };
  const distances = await compare(served, { prompt, layers, got, dtype });
  return { layers: given, dtype, compared: { layers, distance: Math.max(...distances) } };
}

/** States of tokens in order, apart by layer. */
class StatesByLayer {
  readonly layers: readonly (readonly number[])[];
  readonly #layers: number[][];

  constructor(layers: number) {
    this.#layers = Array.from({ length: layers }, () => []);
    this.layers = this.#layers;
  }

  add(states: readonly Float32Array[]): void {
    for (const [i, state] of states.entries()) this.#layers[i]!.push(...state);
  }
}

function spreadPrompt({ spec, limits }: LoadedModel): TokenisedPrompt {
  const length = Math.min(promptTokens, limits.contextLength ?? promptTokens);
  const last = spec.vocabulary - 1;
  return {
    id: 'identity check',
    ids: Int32Array.from({ length }, (_, i) => Math.round((i * last) / Math.max(1, length - 1))),
  };
}

/** Layers in files that say their number alone: all blocks, with the embedding or without. */
function layersByNumber(count: number, depth: number): readonly number[] {
  if (count === depth || count === depth + 1) {
    const first = depth + 1 - count;
    return Array.from({ length: count }, (_, i) => first + i);
  }
  throw new UserError(
    `--server-layers: expected the layers that the server was started with (eagle_aux_hidden_state_layer_ids): it gives ${count} of a model of ${depth} blocks, got none`,
  );
}

/** Weights that a pass up to a layer reads, in bytes. */
function bytesUpTo({ spec, checkpoint }: LoadedModel, layer: number): number {
  const products = spec.layers.slice(0, layer).flatMap(layerLinears);
  return products.reduce(
    (sum, { weight }) => sum + (checkpoint.tensors.get(weight)?.byteLength ?? 0),
    0,
  );
}

type Compared = {
  readonly prompt: TokenisedPrompt;
  readonly layers: readonly number[];
  readonly got: StatesByLayer;
  readonly dtype: ServedDtype;
};

async function compare(
  { server, model }: ServedModel,
  { prompt, layers, got, dtype }: Compared,
): Promise<number[]> {
  const own = new StatesByLayer(layers.length);
  const options = { layers, from: Int32Array.of(0), tokenBudget: prompt.ids.length };
  const { hidden } = model.spec;
  for await (const { values } of extractTokenStates(model, [prompt], options)) {
    for (let start = 0; start < values.length; start += layers.length * hidden) {
      own.add(layers.map((_, i) => values.subarray(start + i * hidden, start + (i + 1) * hidden)));
    }
  }
  return layers.map((layer, i) => {
    const distance = distanceBetween(got.layers[i]!, own.layers[i]!);
    const allowed = allowedDistance(layer, dtype);
    if (distance <= allowed) return distance;
    throw new UserError(
      `\`${model.checkpoint.id}\`: expected the server ${server.client.baseUrl} (model ${server.model}) to have this checkpoint: its states of a short prompt at layer ${layer} differ from the checkpoint's own by ${percent(distance)}, more than ${percent(allowed)}; it has other weights or quantised ones, or its layers are not those that --server-layers says`,
    );
  });
}

/** A table is looked up exactly, but for the type; what is computed in 16 bits drifts from layer to layer. */
function allowedDistance(layer: number, dtype: ServedDtype): number {
  if (layer === 0) return 2 ** -8;
  return dtype === 'F32' ? 0.01 : 0.1;
}

function distanceBetween(got: readonly number[], own: readonly number[]): number {
  let [difference, size] = [0, 0];
  for (const [i, value] of own.entries()) {
    difference += (got[i]! - value) ** 2;
    size += value ** 2;
  }
  // Not a number is further away than anything.
  const distance = Math.sqrt(difference / size);
  return Number.isNaN(distance) ? Infinity : distance;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}
