import {
  errorOf,
  errorsOf,
  fixed,
  markdown,
  mean,
  median,
  percent,
  share,
} from './table-format.mjs';

const groups = [
  ['arithmetic, sizes', (r) => r.source === 'pythia-arithmetic' && r.kind === 'sizes'],
  ['arithmetic, steps', (r) => r.source === 'pythia-arithmetic' && r.kind === 'steps'],
  ['Pythia evals', (r) => r.source === 'pythia-evals'],
  ['OLMo ladder', (r) => r.source === 'olmo-ladder'],
  ['tiny-olmo3', (r) => r.source === 'tiny-olmo3'],
];

/** Methods × sources; the last columns over the public cases. */
export function methodTable(results, methods) {
  const inPublic = results.filter((r) => r.source !== 'tiny-olmo3');
  return markdown(
    ['method', ...groups.map(([name]) => name), 'all public', 'largest', 'cases'],
    methods.map((method) => {
      const all = errorsOf(inPublic, method);
      return [
        `\`${method}\``,
        ...groups.map(([, belongs]) => fixed(mean(errorsOf(results.filter(belongs), method)), 2)),
        fixed(mean(all), 2),
        fixed(all.length === 0 ? null : Math.max(...all)),
        `${all.length}`,
      ];
    }),
  );
}

function covers({ byMethod, truth }, method, level) {
  const [low, high] = byMethod.get(method).intervals[level];
  return low <= truth && truth <= high;
}

export function verdictRow(name, results) {
  const answered = results.filter((r) => r.byMethod.get('chosen').verdict === 'predictable');
  const refused = results.filter((r) => !answered.includes(r));
  const errors = errorsOf(answered, 'chosen');
  const widths = answered.map((r) => {
    const { low, high } = r.byMethod.get('chosen');
    return 100 * (high - low);
  });
  return [
    name,
    `${answered.length} of ${results.length}`,
    fixed(mean(errors), 2),
    percent(share(errors, (error) => error <= 2)),
    percent(share(errors, (error) => error <= 5)),
    fixed(mean(errors) / mean(errorsOf(answered, 'last-value')), 2),
    fixed(median(widths)),
    percent(share(answered, (r) => covers(r, 'chosen', '0.95'))),
    percent(share(answered, (r) => covers(r, 'chosen', '0.8'))),
    fixed(mean(errorsOf(refused, 'chosen')), 2),
  ];
}

export const verdictHead = [
  'cases',
  'answered',
  'mean error',
  'within 2',
  'within 5',
  '÷ last value’s',
  'median 95 % width',
  '95 % covers',
  '80 % covers',
  'mean error of the refused',
];

export function verdictTable(publicResults, tinyResults) {
  const rows = [['all public', publicResults]];
  for (const [name, belongs] of groups)
    rows.push([name, [...publicResults, ...tinyResults].filter(belongs)]);
  return markdown(
    verdictHead,
    rows.map(([name, results]) => verdictRow(name, results)),
  );
}

/** Each method by its own verdict, and on the cases that `chosen` answers. */
export function refusalTable(results, methods) {
  const answered = results.filter((r) => r.byMethod.get('chosen').verdict === 'predictable');
  return markdown(
    [
      'method',
      'cases it calls predictable',
      'mean error there',
      '95 % covers',
      '80 % covers',
      'mean error where `chosen` answers',
    ],
    methods.map((method) => {
      const own = results.filter((r) => {
        const { accuracy, verdict } = r.byMethod.get(method);
        return accuracy !== null && verdict === 'predictable';
      });
      return [
        `\`${method}\``,
        `${own.length}`,
        fixed(mean(errorsOf(own, method)), 2),
        percent(share(own, (r) => covers(r, method, '0.95'))),
        percent(share(own, (r) => covers(r, method, '0.8'))),
        fixed(mean(errorsOf(answered, method)), 2),
      ];
    }),
  );
}

/** One column a case with items, methods down: signed errors in points. */
export function itemCaseTable(results, methods) {
  const withItems = results.filter((r) => r.perItem);
  const signed = (r, method) => {
    const accuracy = r.byMethod.get(method)?.accuracy ?? null;
    return fixed(accuracy === null ? null : 100 * (accuracy - r.truth));
  };
  const name = (r) =>
    `${r.task.replace('arith_', '')} → ${r.targetId.replace('pythia-', '').replace('@143000', '')}, ${r.kind}`;
  return markdown(
    ['method', ...withItems.map(name), 'mean absolute'],
    [...methods, 'chosen']
      .filter((method) => withItems.some((r) => errorOf(r, method) !== null))
      .map((method) => [
        `\`${method}\``,
        ...withItems.map((r) => signed(r, method)),
        fixed(mean(errorsOf(withItems, method)), 2),
      ]),
  );
}

export function tinyTable(results) {
  const methods = [
    'last-value',
    'exponential',
    'log-accuracy',
    'observational',
    'irt',
    'cod',
    'cod:raw',
  ];
  return markdown(
    [
      'task',
      'ladder',
      'target',
      'chosen',
      '95 % interval',
      'verdict',
      ...methods.map((m) => `\`${m}\` error`),
      'chosen error',
    ],
    results.map((r) => {
      const { accuracy, low, high, verdict } = r.byMethod.get('chosen');
      const points = (value) => fixed(100 * value, 0);
      return [
        r.task,
        [...r.ladder.accuracy].map(points).join(' '),
        points(r.truth),
        points(accuracy),
        `${points(low)} – ${points(high)}`,
        verdict,
        ...methods.map((method) => fixed(errorOf(r, method))),
        fixed(errorOf(r, 'chosen')),
      ];
    }),
  );
}
