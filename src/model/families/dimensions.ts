import type { ConfigReader } from '../config-reader.ts';

/** The sizes that every family of the Llama kind shares. */
export type Dimensions = {
  readonly hidden: number;
  readonly intermediate: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  readonly vocabulary: number;
};

export type DimensionOptions = {
  /** Where the field is missing. @default as many as heads */
  readonly keyValueHeads?: number;
  /** Where the field is missing or null; `quotient` for classes that know no other. @default the quotient */
  readonly headDim?: number | 'quotient';
};

/**
 * Largest head that is believed: published ones have up to 512 values. Tables of a rotation have its size, and are made
 * before any weight is looked at.
 */
const LARGEST_HEAD = 2 ** 16;

const HEAD_DIM = `an even number up to ${LARGEST_HEAD}`;

export function readDimensions(config: ConfigReader, options: DimensionOptions = {}): Dimensions {
  const hidden = config.size('hidden_size');
  const heads = config.size('num_attention_heads');
  const headDim = readHeadDim(config, { hidden, heads }, options.headDim ?? null);
  const keyValueHeads =
    config.sizeOrNull('num_key_value_heads', options.keyValueHeads ?? heads) ?? heads;
  if (heads % keyValueHeads !== 0) {
    throw config.wrong('num_key_value_heads', `a divisor of num_attention_heads (${heads})`);
  }
  return {
    hidden,
    intermediate: config.size('intermediate_size'),
    layers: config.parts('num_hidden_layers'),
    heads,
    keyValueHeads,
    headDim,
    vocabulary: config.size('vocab_size'),
  };
}

function readHeadDim(
  config: ConfigReader,
  sizes: Pick<Dimensions, 'hidden' | 'heads'>,
  fallback: number | 'quotient' | null,
): number {
  if (fallback === 'quotient' || (fallback === null && config.raw('head_dim') === null)) {
    const quotient = readQuotient(config, sizes);
    config.only('head_dim', [quotient]);
    return quotient;
  }
  const headDim = config.size('head_dim', fallback);
  if (!isHeadDim(headDim)) throw config.wrong('head_dim', HEAD_DIM);
  return headDim;
}

/** The message names the fields that are there, as `head_dim` may not be. */
function readQuotient(
  config: ConfigReader,
  { hidden, heads }: Pick<Dimensions, 'hidden' | 'heads'>,
): number {
  const quotient = hidden / heads;
  const by = `\`num_attention_heads\` (${heads})`;
  if (!Number.isInteger(quotient)) {
    throw config.wrong('hidden_size', `divisible by ${by}, as no \`head_dim\` of its own is given`);
  }
  if (!isHeadDim(quotient)) {
    throw config.wrong('hidden_size', `${by} times ${HEAD_DIM}`);
  }
  return quotient;
}

/** Both halves of a head are rotated against each other. */
function isHeadDim(value: number): boolean {
  return value % 2 === 0 && value <= LARGEST_HEAD;
}
