import type { OutcomeRecord } from '../../record.ts';
import { metricKind } from '../../log/metric-kind.ts';
import { isObject, listIn, textIn } from '../../log/fields.ts';

/** Right or wrong for one answer, beside the names that other harnesses use as well. */
const passOrFail =
  /^(?:(?:p|q|pq)em(?:_\w+)?|quasi_exact_match\w*|(?:\w+_)?maj@(?:n|\d+)|math_\w*match\w*)$/i;

export type ItemScore = Pick<OutcomeRecord, 'kind' | 'k' | 'n'>;

export type Scorer = (value: number, answers: number) => ItemScore;

/**
 * How a question's value of a metric is an outcome. The share of right answers among several is kept as counts: `answers`
 * is how many the log holds, where the metric's name does not tell.
 */
export function scorerOf(metric: string): Scorer {
  const { name, parameters } = partsOf(metric);
  if (isShareOfRepeats(name, parameters)) {
    const told = repeatsIn(metric, parameters);
    return (value, answers) => {
      const n = told ?? Math.max(1, answers);
      return { kind: 'count', k: wholeWhereClose(value * n), n };
    };
  }
  const kind = passOrFail.test(name) ? 'count' : metricKind(name);
  return (value) => ({ kind, k: value, n: 1 });
}

/** `pass@k:k=1&n=16` is the metric `pass@k` with two parameters. */
function partsOf(metric: string): { name: string; parameters: ReadonlyMap<string, string> } {
  const [name = metric, ...rest] = metric.split(':');
  const pairs = rest.join(':').split('&');
  return {
    name,
    parameters: new Map(
      pairs.map((pair) => {
        const at = pair.indexOf('=');
        return [pair.slice(0, Math.max(0, at)), pair.slice(at + 1)];
      }),
    ),
  };
}

/** pass@1 of n answers is the share of right ones among them. */
function isShareOfRepeats(name: string, parameters: ReadonlyMap<string, string>): boolean {
  if (/(?:^|[_-])(?:avg@n|avg@\d+|pass@1)$/i.test(name)) return true;
  return /(?:^|_)pass@k$/i.test(name) && parameters.get('k') === '1';
}

/** `kind` of a task's mean of the metric. */
export function taskKind(metric: string): OutcomeRecord['kind'] {
  return scorerOf(metric)(0, 1).kind;
}

/** `pass@k:k=1&n=16`, `avg@n:n=64`; earlier `math_pass@1:4_samples`, `avg@64`. */
function repeatsIn(metric: string, parameters: ReadonlyMap<string, string>): number | null {
  const told =
    parameters.get('n') ??
    /:(\d+)(?:_samples)?$/.exec(metric)?.[1] ??
    /avg@(\d+)$/.exec(metric)?.[1];
  const n = Number(told ?? 0);
  return Number.isSafeInteger(n) && n > 0 ? n : null;
}

function wholeWhereClose(value: number): number {
  const whole = Math.round(value);
  return Math.abs(value - whole) < 1e-9 ? whole : value;
}

/** How a task puts a metric together over its questions: `mean`, another function's name, or null where not told. */
export function aggregationOf(config: unknown, metric: string): string | null {
  for (const one of listIn(config, 'metrics') ?? listIn(config, 'metric') ?? []) {
    if (!isObject(one)) continue;
    const { metric_name: names, corpus_level_fn: told } = one;
    const named = Array.isArray(names) ? names.includes(metric) : names === metric;
    if (!named) continue;
    return functionName(isObject(told) ? textIn(told, metric) : told);
  }
  return null;
}

/** `mean`, `<function mean at 0x7f…>`, `numpy.mean`. */
function functionName(told: unknown): string | null {
  if (typeof told !== 'string') return null;
  return /\bmean\b/.test(told) ? 'mean' : told;
}

/** Whether a task's metric is generated text's, for its sampling settings; null where the log does not tell. */
export function isGenerative(config: unknown): boolean | null {
  const categories = (listIn(config, 'metrics') ?? []).map((one) => textIn(one, 'category'));
  const told = categories.filter((category) => category !== null);
  return told.length === 0 ? null : told.some((category) => /GENERATIVE/i.test(category));
}

/**
 * How `em` of a task compares, where it is plain equality of texts that can be repeated exactly; null where it is not, or
 * the log does not say.
 */
export function plainMatch(config: unknown): { stripped: boolean } | null {
  const found = (listIn(config, 'metrics') ?? []).find(
    (one) => textIn(one, 'metric_name') === 'em',
  );
  const told = textIn(found, 'sample_level_fn') ?? '';
  const plain =
    /^ExactMatches\(aggregation_function=max, normalize_gold=None, normalize_pred=None, strip_strings=(True|False), type_exact_match=full\)$/;
  const stripped = plain.exec(told)?.[1];
  return stripped === undefined ? null : { stripped: stripped === 'True' };
}
