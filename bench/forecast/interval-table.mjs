// Quantiles of the interval taken from two sources and tried on the third.
import { intervalWeights } from '../../dist/index.js';
import { errorOf, fixed, markdown, percent, share } from './table-format.mjs';

const frozen = intervalWeights.quantiles;

export function intervalTable(results) {
  const answered = results.filter((r) => r.byMethod.get('chosen').verdict === 'predictable');
  const sources = [...new Set(answered.map(({ source }) => source))];
  const rows = sources.map((source) => {
    const training = answered.filter((r) => r.source !== source).map(standardised);
    const held = answered.filter((r) => r.source === source).map(standardised);
    return [source, quantile(training, 0.8), quantile(training, 0.95), held];
  });
  const all = answered.map(standardised);
  return markdown(
    ['held out', '80 % multiple', '95 % multiple', 'cases', '80 % covers', '95 % covers'],
    [...rows, ['frozen, on all', frozen['0.8'], frozen['0.95'], all]].map(
      ([name, narrow, wide, held]) => [
        name,
        fixed(narrow, 2),
        fixed(wide, 2),
        `${held.length}`,
        percent(share(held, (z) => z <= narrow)),
        percent(share(held, (z) => z <= wide)),
      ],
    ),
  );
}

/** |error| over the forecast's standard deviation. */
function standardised(result) {
  const { accuracy, low, high } = result.byMethod.get('chosen');
  const deviation = Math.max(accuracy - low, high - accuracy) / frozen['0.95'];
  return errorOf(result, 'chosen') / (100 * deviation);
}

function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  return sorted[below] + (at - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
}
