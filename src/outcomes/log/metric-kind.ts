import type { OutcomeKind } from '../record.ts';

/** Metrics that are right or wrong for one answer, by the names that harnesses give them. */
const passOrFail =
  /^(?:acc|acc_\w+|accuracy|em|exact_match\w*|\w+_exact_match\w*|extractive_match|quasi_prefix_exact_match|is_correct|correct|match|includes|pass@1|pass_at_1|pass1|math_equiv\w*|\w+_match|maj@\d+|predicted_correct)$/i;

/** What a metric's values are: `score` for any that is not known to be right or wrong. */
export function metricKind(metric: string): OutcomeKind {
  return passOrFail.test(metric) ? 'count' : 'score';
}

/** Metrics of a whole task that get smaller as a model gets better, with the unit that they are kept in. */
const losses: readonly (readonly [RegExp, string])[] = [
  [/^(?:bits_per_byte|bpb)(?:_corr)?$/i, 'bits per byte'],
  [/^(?:word_perplexity)$/i, 'perplexity per word'],
  [/^(?:byte_perplexity)$/i, 'perplexity per byte'],
  [/^(?:perplexity|ppl|token_perplexity)$/i, 'perplexity'],
  [/^(?:nll|loss|cross_entropy|logprob_loss)$/i, 'nats'],
];

/** The unit of a metric that is a loss; null for one that is none. */
export function lossUnit(metric: string): string | null {
  return losses.find(([names]) => names.test(metric))?.[1] ?? null;
}

/** Every unit of `lossUnit`. */
export const lossUnits: ReadonlySet<string> = new Set(losses.map(([, unit]) => unit));
