import type { Tensor } from '../../graph/index.ts';
import type { ModelSpec, NextTokens } from '../../model/index.ts';
import type { SampleOptions } from '../provider.ts';
import type { AnswerTokenizer } from './branches.ts';

/** What graphs say of the next token, and what they are told for it. */
export type AskedNext = NextTokens & { readonly feeds: Readonly<Record<string, Tensor>> };

/** The likeliest token needs logits alone; draws need probabilities, which the runtime makes faster than we could. */
export function askNext(
  { vocabulary }: ModelSpec,
  {
    temperature,
    tokenizer,
  }: Pick<SampleOptions, 'temperature'> & { readonly tokenizer: AnswerTokenizer },
): AskedNext {
  const known = Math.min(tokenizer.vocabularySize, vocabulary);
  if (temperature === 0) return { values: 'logits', known, feeds: {} };
  const data = Float32Array.of(temperature);
  return {
    values: 'probabilities',
    known,
    feeds: { temperature: { dtype: 'float32', shape: [], data } },
  };
}
