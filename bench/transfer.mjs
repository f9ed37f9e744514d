// The transfer matrices of a series as markdown (for docs/probing.md): AUROC on unseen and seen questions, level error,
// how fast the probes age, and what is measured of other stages and of tasks left out.
//
//   node bench/transfer.mjs [--train upto|one] [--leave-task-out] [--probe auto] [--series DIR] [--seed 0] [--store DIR]
//
// A series is a folder with outcomes.csv, suite/ and d128L4/; without --series the bundled one.
import { parseArgs } from 'node:util';
import { jobContext, transfer } from '../dist/index.js';
import { bundledSeries, seriesRequest, withSeriesStore } from './series.mjs';

const { values: options } = parseArgs({
  options: {
    train: { type: 'string', default: 'upto' },
    'leave-task-out': { type: 'boolean', default: false },
    series: { type: 'string', default: bundledSeries },
    probe: { type: 'string', default: 'auto' },
    seed: { type: 'string', default: '0' },
    store: { type: 'string' },
  },
});
await withSeriesStore(options, async (store) => {
  const report = await transfer(
    store,
    seriesRequest({ series: options.series }),
    {
      train: options.train,
      probe: options.probe,
      holdout: 0.4,
      seed: Number(options.seed),
      leaveTaskOut: options['leave-task-out'],
    },
    jobContext({
      progress: ({ label, done, total }) =>
        process.stderr.write(label.startsWith('transfer') ? `${label}: ${done} of ${total}\n` : ''),
    }),
  );
  const parts = [...matrices(report), fall(report), breaks(report), leftOut(report)];
  process.stdout.write(`${parts.filter((part) => part !== null).join('\n\n')}\n`);
});

function matrices({ cells, checkpoints, train }) {
  const corner = train === 'upto' ? 'trained up to' : 'trained on';
  const of = (title, split, pick) => {
    const rows = checkpoints.map((row) => [
      short(row),
      ...checkpoints.map((column) => {
        const cell = cells.find(
          (one) => one.split === split && one.trained.at(-1) === row && one.scored === column,
        );
        return cell === undefined ? '' : pick(cell);
      }),
    ]);
    return `${title}\n\n${table([corner, ...checkpoints.map(short)], rows)}`;
  };
  return [
    of('AUROC on unseen questions, mean over tasks', 'unseen', ({ auroc }) => show(auroc, 2)),
    of('AUROC on seen questions', 'seen', ({ auroc }) => show(auroc, 2)),
    of('AUROC on seen questions by persistence', 'seen', ({ baselines }) =>
      show(baselines.persistence.auroc, 2),
    ),
    of('AUROC on seen questions by history alone', 'seen', ({ baselines }) =>
      show(baselines.historyOnly.auroc, 2),
    ),
    of('Level error on unseen questions, points', 'unseen', ({ levelError }) =>
      show(levelError, 0, 100),
    ),
    of('Level error of persistence, points', 'unseen', ({ baselines }) =>
      show(baselines.persistence.levelError, 0, 100),
    ),
    of('Pooled AUROC on unseen questions / of the task mean', 'unseen', (cell) =>
      [cell.pooledAuroc, cell.taskPooledAuroc].map((value) => show(value, 2)).join(' / '),
    ),
  ];
}

function fall({ fall: rows, train }) {
  if (rows.length === 0) return null;
  const head = [train === 'upto' ? 'trained up to' : 'trained on', 'nearest', 'AUROC', 'own'];
  return table(
    [...head, 'farthest', 'AUROC', 'own', 'fall', 'tasks'],
    rows.map((row) => [
      ...[short(row.trained.at(-1)), short(row.nearest), show(row.nearestAuroc, 3)],
      ...[show(row.nearestOwn, 3), short(row.farthest), show(row.farthestAuroc, 3)],
      ...[show(row.farthestOwn, 3), show(row.fall, 3), `${row.tasks}`],
    ]),
  );
}

function breaks({ breaks: rows }) {
  if (rows.length === 0) return null;
  const head = ['scored on', 'new', 'last trained', 'AUROC', 'refit', 'prompt only'];
  return table(
    [...head, 'level error', 'corrected', 'labels alone'],
    rows.map((row) => [
      ...[short(row.scored), row.break, short(row.trained.at(-1)), show(row.auroc, 3)],
      ...[show(row.refitAuroc, 3), show(row.refitPromptOnlyAuroc, 3)],
      ...[row.levelError, row.correctedLevelError, row.plainLevelError].map((value) =>
        show(value, 1, 100),
      ),
    ]),
  );
}

/** A row a task, means over the later checkpoints of the same kind where it is ranked. */
function leftOut({ leftOut: result }) {
  if (result === null) return null;
  const tasks = [...new Set(result.rows.map(({ task }) => task))];
  const rows = tasks.map((task) => {
    const own = result.rows.filter((row) => row.task === task && row.break === null);
    const mean = (pick) => {
      const known = own.filter(({ auroc }) => auroc !== null).map(pick);
      const numbers = known.filter((value) => value !== null);
      return numbers.length === 0 ? null : numbers.reduce((a, b) => a + b, 0) / numbers.length;
    };
    return [
      ...[
        task,
        show(
          mean(({ auroc }) => auroc),
          3,
        ),
        show(
          mean(({ knownAuroc }) => knownAuroc),
          3,
        ),
      ],
      ...[
        show(
          mean(({ oracleAuroc }) => oracleAuroc),
          3,
        ),
      ],
      show(
        mean(({ levelError }) => (levelError === null ? null : Math.abs(levelError))),
        0,
        100,
      ),
    ];
  });
  const { trained, auroc, knownAuroc, above, ranked } = result;
  return [
    `Tasks left out, trained up to ${short(trained.at(-1))}: mean ${show(auroc, 3)} (task known: ${show(knownAuroc, 3)}), above chance in ${above} of ${ranked}`,
    table(['task', 'AUROC', 'task known', 'oracle', 'level error'], rows),
  ].join('\n\n');
}

function table(head, rows) {
  return [head, head.map((_, at) => (at === 0 ? '---' : '--:')), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

/** `d128L4/stage1-step781-tokens7M` → `781`; `d128L4/sft-step100` → `sft-100`. */
function short(id) {
  return id
    .replace(/^.*\//u, '')
    .replace(/^stage1-step(\d+).*$/u, '$1')
    .replace('-step', '-');
}

function show(value, digits, factor = 1) {
  return value === null ? '–' : (factor * value).toFixed(digits);
}
