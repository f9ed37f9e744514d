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

export function readDimensions(config: ConfigReader, options: DimensionOptions = {}): Dimensions {
  const hidden = config.size('hidden_size');
  const heads = config.size('num_attention_heads');
  const headDim = readHeadDim(config, hidden / heads, options.headDim ?? hidden / heads);
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
  quotient: number,
  fallback: number | 'quotient',
): number {
  if (fallback === 'quotient') config.only('head_dim', [quotient]);
  const headDim = config.size('head_dim', fallback === 'quotient' ? quotient : fallback);
  if (headDim % 2 !== 0) throw config.wrong('head_dim', 'even');
  return headDim;
}
