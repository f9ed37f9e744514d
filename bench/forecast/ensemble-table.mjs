import { fixed, markdown, mean } from './table-format.mjs';

/** Methods that need nothing but accuracies, so that every case has them. */
const candidates = [
  'last-value',
  'exponential',
  'log-accuracy',
  'linear-last-3',
  'logit-linear',
  'sigmoid',
  'bnsl',
];

/** Means of every subset of up to five methods, the best over all cases first; then what Sonde answers with. */
export function ensembleTable(results) {
  const rows = subsets(candidates)
    .filter((members) => members.length <= 5)
    .map((members) => ({ members, error: mean(results.map((r) => ensembleError(r, members))) }))
    .sort((a, b) => a.error - b.error);
  const chosen = mean(
    results.map((r) => 100 * Math.abs(r.byMethod.get('chosen').accuracy - r.truth)),
  );
  return markdown(
    ['mean of', 'mean error over all cases'],
    [
      ...rows.slice(0, 8).map(({ members, error }) => [members.join(', '), fixed(error, 3)]),
      ['**chosen**: last-value, exponential, linear-last-3, logit-linear', fixed(chosen, 3)],
    ],
  );
}

function subsets(names) {
  return names
    .reduce((found, name) => [...found, ...found.map((one) => [...one, name])], [[]])
    .slice(1);
}

function ensembleError({ byMethod, truth }, members) {
  const forecast = mean(members.map((name) => byMethod.get(name).accuracy));
  return 100 * Math.abs(forecast - truth);
}
