import { type Config, type ConfigReader, isPositiveFloat32, quoteField } from './config-reader.ts';

/**
 * Rotary position embedding, half-split ("rotate_half"): angle of position p and pair j is p · inverseFrequencies[j],
 * and cos and sin carry the attention factor. Formulas as in `modeling_rope_utils.py` of transformers 4.57; frequencies
 * and angles are rounded to float32 where transformers rounds them, because at positions above 10⁴ the rounding shows.
 */
export type RopeSpec = {
  /** Number of rotated values of a head; even. */
  readonly dim: number;
  /** (dim / 2), radians per position. */
  readonly inverseFrequencies: Float32Array;
  readonly attentionFactor: number;
};

export type RopeOptions = {
  readonly headDim: number;
  /** Base of the class when the config names none; null where versions of transformers disagree on it. */
  readonly defaultTheta: number | null;
  /** Takes the rotation of this layer type from a config that nests them by type. */
  readonly layerType?: string;
  /** This layer type is not scaled even where a flat config names a scaling. */
  readonly unscaled?: boolean;
  /** Field of the base outside the dictionary. @default 'rope_theta' */
  readonly thetaField?: string;
  /**
   * The class rotates a part of each head: this share where no field names one, and the fields that do. Others refuse
   * such fields.
   */
  readonly partial?: { readonly fallback: number; readonly fields: readonly string[] };
  /** Types that the class knows. @default all that are known here */
  readonly types?: readonly string[];
};

/** Types that are known; `dynamic` equals the default up to the context length, and longer prompts are refused. */
const TYPES: readonly string[] = ['default', 'linear', 'dynamic', 'llama3', 'yarn'];

const KNOWN_KEYS: ReadonlySet<string> = new Set([
  ...['rope_type', 'type', 'rope_theta', 'partial_rotary_factor', 'factor'],
  ...['original_max_position_embeddings', 'attention_factor', 'beta_fast', 'beta_slow'],
  ...['mscale', 'mscale_all_dim', 'truncate', 'low_freq_factor', 'high_freq_factor'],
]);

/**
 * Reads the rotation from both layouts: `rope_theta` with `rope_scaling`, and `rope_parameters`, flat or nested by
 * layer type. `rope_scaling` wins over `rope_parameters`, a base inside the dictionary over the one outside.
 */
export function readRope(config: ConfigReader, options: RopeOptions): RopeSpec {
  const { parameters, nested } = ropeParameters(config, options.layerType ?? '');
  const type = (parameters['rope_type'] ?? parameters['type'] ?? 'default') as unknown;
  for (const [key, value] of Object.entries(parameters)) {
    if (!KNOWN_KEYS.has(key) && value !== null) {
      throw config.wrong('rope_scaling', `without ${quoteField(key)}, which is not understood`);
    }
  }
  const numbers = new RopeNumbers(config, parameters);
  const base = {
    dim: rotatedSize(config, numbers, options),
    theta: readTheta(config, { parameters, numbers, nested }, options),
  };
  const types = options.types ?? TYPES;
  if (typeof type !== 'string' || !types.includes(type)) {
    throw config.wrong('rope_scaling', `of type ${listed(types)} (field \`rope_type\`)`);
  }
  if (options.unscaled === true && !nested) return defaultRope(base);
  switch (type) {
    case 'linear':
      return scaled(defaultRope(base), 1 / numbers.positive('factor'));
    case 'llama3':
      return llama3Rope(base, numbers);
    case 'yarn':
      return yarnRope(base, numbers, config.contextLength());
    case 'dynamic':
      return dynamicRope(base, config);
    default:
      return defaultRope(base);
  }
}

type Parameters = {
  readonly parameters: Config;
  readonly numbers: RopeNumbers;
  readonly nested: boolean;
};

/** A base inside the dictionary wins, unless it is that of other layers. */
function readTheta(
  config: ConfigReader,
  { parameters, numbers, nested }: Parameters,
  { thetaField = 'rope_theta', defaultTheta }: RopeOptions,
): number {
  config.raw('rope_theta');
  config.raw(thetaField);
  const inside = parameters['rope_theta'] != null && (nested || thetaField === 'rope_theta');
  return inside ? numbers.positive('rope_theta') : config.positive(thetaField, defaultTheta);
}

/** Rotated values of a head: the share that fields name, which must agree, of its size. */
function rotatedSize(config: ConfigReader, numbers: RopeNumbers, options: RopeOptions): number {
  const { headDim, partial } = options;
  const inside = numbers.given('partial_rotary_factor');
  if (partial === undefined) {
    if (inside === null || inside === 1) return headDim;
    throw config.wrong('rope_parameters', 'without a partial rotation');
  }
  const stated = partial.fields.flatMap((field) =>
    config.raw(field) === null ? [] : [{ field, share: config.positive(field, null) }],
  );
  const share = inside ?? stated[0]?.share ?? partial.fallback;
  for (const { field, share: other } of stated) {
    if (other !== share) throw config.wrong(field, `${share}, as another field says`);
  }
  const size = Math.trunc(headDim * share);
  if (size >= 2 && size <= headDim && size % 2 === 0) return size;
  throw config.wrong(
    stated[0]?.field ?? 'rope_parameters',
    `a share of the ${headDim} values of a head that makes an even number of them`,
  );
}

function listed(types: readonly string[]): string {
  return types.length === 1
    ? types.join('')
    : `${types.slice(0, -1).join(', ')} or ${types.at(-1)}`;
}

/** cos and sin tables of shape (positions, dim / 2), positions from 0. */
export function ropeTable(
  rope: RopeSpec,
  positions: number,
): { cos: Float32Array; sin: Float32Array } {
  const pairs = rope.dim / 2;
  const cos = new Float32Array(positions * pairs);
  const sin = new Float32Array(positions * pairs);
  for (let position = 0; position < positions; position += 1) {
    for (let pair = 0; pair < pairs; pair += 1) {
      const angle = Math.fround(position * rope.inverseFrequencies[pair]!);
      cos[position * pairs + pair] = Math.fround(Math.cos(angle)) * rope.attentionFactor;
      sin[position * pairs + pair] = Math.fround(Math.sin(angle)) * rope.attentionFactor;
    }
  }
  return { cos, sin };
}

export function sameRope(a: RopeSpec, b: RopeSpec): boolean {
  return (
    a.dim === b.dim &&
    a.attentionFactor === b.attentionFactor &&
    a.inverseFrequencies.every((value, i) => value === b.inverseFrequencies[i])
  );
}

type Base = { readonly dim: number; readonly theta: number };

function defaultRope({ dim, theta }: Base): RopeSpec {
  const inverseFrequencies = Float32Array.from({ length: dim / 2 }, (_, j) =>
    Math.fround(1 / Math.fround(theta ** Math.fround((2 * j) / dim))),
  );
  return { dim, inverseFrequencies, attentionFactor: 1 };
}

/** Not scaled up to the context length, which therefore has to be there: longer prompts are refused by it. */
function dynamicRope(base: Base, config: ConfigReader): RopeSpec {
  if (config.contextLength() === null) {
    throw config.wrong(
      'max_position_embeddings',
      'a whole number from 1, as `rope_scaling` of type dynamic scales beyond it',
    );
  }
  return defaultRope(base);
}

function scaled(rope: RopeSpec, factor: number): RopeSpec {
  return { ...rope, inverseFrequencies: rope.inverseFrequencies.map((value) => value * factor) };
}

/** Long wavelengths are divided by `factor`, short ones kept, and those between interpolated. */
function llama3Rope(base: Base, numbers: RopeNumbers): RopeSpec {
  const factor = numbers.positive('factor');
  const low = numbers.positive('low_freq_factor');
  const high = numbers.positive('high_freq_factor');
  const context = numbers.positive('original_max_position_embeddings');
  const rope = defaultRope(base);
  const inverseFrequencies = rope.inverseFrequencies.map((inverse) => {
    const wavelength = (2 * Math.PI) / inverse;
    if (wavelength < context / high) return inverse;
    if (wavelength > context / low) return inverse / factor;
    const smooth = (context / wavelength - low) / (high - low);
    return ((1 - smooth) * inverse) / factor + smooth * inverse;
  });
  return { ...rope, inverseFrequencies };
}

/** YaRN (Peng et al. 2023, arXiv 2309.00071), with the attention factor on cos and sin. */
function yarnRope({ dim, theta }: Base, numbers: RopeNumbers, context: number | null): RopeSpec {
  const original = numbers.positive('original_max_position_embeddings', context ?? undefined);
  const factor = numbers.positive('factor', (context ?? original) / original);
  const correction = (rotations: number): number =>
    (dim * Math.log(original / (rotations * 2 * Math.PI))) / (2 * Math.log(theta));
  const round = numbers.flag('truncate', true);
  const lowest = correction(numbers.positive('beta_fast', 32));
  const highest = correction(numbers.positive('beta_slow', 1));
  const low = Math.max(round ? Math.floor(lowest) : lowest, 0);
  let high = Math.min(round ? Math.ceil(highest) : highest, dim - 1);
  if (low === high) high += 0.001;
  const inverseFrequencies = Float32Array.from({ length: dim / 2 }, (_, j) => {
    const plain = 1 / theta ** ((2 * j) / dim);
    const ramp = Math.min(Math.max((j - low) / (high - low), 0), 1);
    return (plain / factor) * ramp + plain * (1 - ramp);
  });
  return { dim, inverseFrequencies, attentionFactor: yarnAttentionFactor(factor, numbers) };
}

function yarnAttentionFactor(factor: number, numbers: RopeNumbers): number {
  const growth = (scale: number, weight: number): number =>
    scale <= 1 ? 1 : 0.1 * weight * Math.log(scale) + 1;
  const mscale = numbers.optional('mscale');
  const mscaleAll = numbers.optional('mscale_all_dim');
  const derived =
    mscale !== null && mscaleAll !== null
      ? growth(factor, mscale) / growth(factor, mscaleAll)
      : growth(factor, 1);
  return numbers.optional('attention_factor') ?? derived;
}

function ropeParameters(
  config: ConfigReader,
  layerType: string,
): { parameters: Config; nested: boolean } {
  const scaling = config.raw('rope_scaling');
  const parameters = config.raw('rope_parameters');
  const chosen = dictionary(config, 'rope_scaling', scaling ?? parameters ?? {});
  if (!Object.hasOwn(chosen, layerType)) return { parameters: chosen, nested: false };
  return { parameters: dictionary(config, 'rope_parameters', chosen[layerType]), nested: true };
}

function dictionary(config: ConfigReader, name: string, value: unknown): Config {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw config.wrong(name, 'null or an object');
  }
  return value as Config;
}

/** Numbers of the rope dictionary, with messages that name them. */
class RopeNumbers {
  readonly #config: ConfigReader;
  readonly #values: Config;

  constructor(config: ConfigReader, values: Config) {
    this.#config = config;
    this.#values = values;
  }

  /** Null where the field is missing. */
  given(name: string): number | null {
    return this.#values[name] == null ? null : this.positive(name);
  }

  optional(name: string): number | null {
    const value = this.#values[name] ?? null;
    return value === null || value === 0 ? null : this.positive(name);
  }

  positive(name: string, fallback?: number): number {
    const value = this.#values[name] ?? fallback;
    if (typeof value !== 'number' || !isPositiveFloat32(value)) {
      throw this.#config.wrong('rope_scaling', `with a finite number above 0 as \`${name}\``);
    }
    return value;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.#values[name] ?? fallback;
    if (typeof value !== 'boolean') {
      throw this.#config.wrong('rope_scaling', `with true or false as \`${name}\``);
    }
    return value;
  }
}
