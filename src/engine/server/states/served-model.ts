import { UserError } from '../../../error/index.ts';
import { readFloat32 } from '../../../safetensors/index.ts';
import type { LoadedModel } from '../../loaded-model.ts';
import type { TokenisedPrompt } from '../../provider.ts';
import { type AskedServer, describeFault } from '../asked-server.ts';
import { applyNorm, type LoadedNorm } from './pool-tokens.ts';
import type { ServedStates, StateSource, Wanted } from './state-source.ts';

/** A server that gives states, and the checkpoint that they are of. */
export type ServedModel = {
  readonly server: AskedServer;
  readonly source: StateSource;
  /** The checkpoint, for what the server does not give: embeddings, and the final norm. */
  readonly model: LoadedModel;
  /** Put on the last layer where the server has not; null where it has. */
  readonly norm: LoadedNorm | null;
};

export async function loadFinalNorm({ spec, checkpoint }: LoadedModel): Promise<LoadedNorm> {
  const { kind, weight, bias, epsilon, offset } = spec.finalNorm;
  const read = async (name: string | null): Promise<Float32Array | null> => {
    if (name === null) return null;
    const tensor = checkpoint.tensors.get(name);
    if (tensor === undefined) throw new Error(`states: \`${name}\` was not checked`);
    return readFloat32(tensor);
  };
  const weights = await read(weight);
  return {
    kind,
    weights: weights?.map((value) => value + offset) ?? null,
    bias: await read(bias),
    epsilon,
  };
}

/** Tokens read at a time: about so many bytes as float32. */
const bytesAtOnce = 2 ** 24;

export type Visit = {
  readonly prompt: TokenisedPrompt;
  /** Layers of the contract that the server gave, ascending. */
  readonly given: readonly number[];
  /** Those that are looked at. */
  readonly layers: readonly number[];
  readonly lastOnly: boolean;
  /** Takes the state of the next token at each of the layers. */
  readonly visit: (states: readonly Float32Array[]) => void;
};

/** @throws UserError that names the item, where the server does not give its states. */
export async function fetchStates(
  { server, source }: ServedModel,
  prompt: TokenisedPrompt,
  { signal, ...wanted }: Wanted & { readonly signal?: AbortSignal | undefined },
): Promise<ServedStates> {
  try {
    return await source.fetch(prompt, wanted, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw describeFault(server, error, { id: prompt.id, path: source.path });
  }
}

/**
 * Goes through the tokens in order; the last layer is handed over after the final norm.
 *
 * @throws UserError where the states are of another shape.
 */
export async function visitTokens(
  served: ServedModel,
  states: ServedStates,
  { prompt, given, layers, lastOnly, visit }: Visit,
): Promise<void> {
  checkShape(served, states, { prompt, given });
  const { hidden, layers: blocks } = served.model.spec;
  const slots = layers.map((layer) => ({
    position: given.indexOf(layer),
    norm: layer === blocks.length ? served.norm : null,
  }));
  const from = lastOnly ? states.tokens - 1 : 0;
  const step = Math.max(1, Math.floor(bytesAtOnce / (4 * states.layers * hidden)));
  for (let first = from; first < states.tokens; first += step) {
    const count = Math.min(step, states.tokens - first);
    const values = await readStates(served, states, { first, count, prompt });
    for (let token = 0; token < count; token += 1) {
      visit(
        slots.map(({ position, norm }) => {
          const start = (token * states.layers + position) * hidden;
          const state = values.subarray(start, start + hidden);
          return norm === null ? state : applyNorm(state, norm);
        }),
      );
    }
  }
}

async function readStates(
  { server, source }: ServedModel,
  states: ServedStates,
  { first, count, prompt }: { first: number; count: number; prompt: TokenisedPrompt },
): Promise<Float32Array> {
  try {
    return await states.read(first, count);
  } catch (error) {
    throw describeFault(server, error, { id: prompt.id, path: source.path });
  }
}

function checkShape(
  { server, model }: ServedModel,
  states: ServedStates,
  { prompt, given }: { prompt: TokenisedPrompt; given: readonly number[] },
): void {
  const expected = shapeText(prompt.ids.length, given.length, model.spec.hidden);
  const found = shapeText(states.from + states.tokens, states.layers, states.hidden);
  const isWhole = states.tokens >= 1 && (states.from === 0 || states.tokens === 1);
  if (isWhole && expected === found) return;
  const isShort = states.tokens < prompt.ids.length;
  const hint = isShort
    ? '; where those of cached tokens are missing, start the server without prefix caching'
    : '';
  throw new UserError(
    `item \`${prompt.id}\`: expected hidden states of ${expected} from ${server.client.baseUrl}, got ${found}${hint}`,
  );
}

function shapeText(tokens: number, layers: number, hidden: number): string {
  return `${tokens} tokens × ${layers} layers × ${hidden}`;
}
