import type { TransferReport } from '../../jobs/index.ts';
import { shortNames } from '../../report/index.ts';
import { fixed, points } from './format.ts';
import { type HeatMapOptions, renderHeatMap } from './heat-map.ts';
import { type Column, renderTable } from './table.ts';
import { withoutControlCharacters } from './terminal-text.ts';
import { transferMaps } from './transfer-maps.ts';

/** The matrices, how fast the probes age, what they say of other kinds of checkpoints and of tasks they never saw. */
export function renderTransfer(report: TransferReport, options: HeatMapOptions): string {
  const { names } = shortNames(report.checkpoints);
  const short = new Map(report.checkpoints.map((id, index) => [id, names[index] ?? id]));
  const name = (id: string | undefined): string => short.get(id ?? '') ?? '';
  return [
    ...transferMaps(report).map((map) => renderHeatMap(map, options)),
    'diagonal: held-out questions of the last trained checkpoint itself, predicted without history',
    ...renderFall(report, name),
    ...renderBaselines(report, name),
    ...renderBreaks(report, name),
    ...renderLeftOut(report, name),
  ].join('\n\n');
}

type Naming = (id: string | undefined) => string;

const left = (title: string): Column => ({ title, align: 'left' });

function rowTitle({ train }: TransferReport): string {
  return train === 'upto' ? 'trained up to' : 'trained on';
}

function renderFall(report: TransferReport, name: Naming): string[] {
  if (report.fall.length === 0) return [];
  const columns = [
    ...[left(rowTitle(report)), left('nearest'), { title: 'AUROC' }, { title: 'own' }],
    ...[left('farthest'), { title: 'AUROC' }, { title: 'own' }, { title: 'fall' }],
    { title: 'tasks' },
  ];
  const rows = report.fall.map((row) => [
    name(row.trained.at(-1)),
    name(row.nearest),
    fixed(row.nearestAuroc),
    fixed(row.nearestOwn),
    name(row.farthest),
    fixed(row.farthestAuroc),
    fixed(row.farthestOwn),
    fixed(row.fall),
    `${row.tasks}`,
  ]);
  return [
    [
      'AUROC on unseen questions, from the nearest to the farthest later checkpoint',
      renderTable(columns, rows),
      'over the tasks ranked at both; own: by the probe that was fitted up to that checkpoint itself',
    ].join('\n'),
  ];
}

/** The nearest later checkpoint of each row beside what the user could have had for free. */
function renderBaselines(report: TransferReport, name: Naming): string[] {
  const nearest = report.checkpoints.flatMap((id, index) => {
    const next = report.checkpoints[index + 1];
    const of = (split: string) =>
      report.cells.find(
        (cell) => cell.trained.at(-1) === id && cell.scored === next && cell.split === split,
      );
    const [unseen, seen] = [of('unseen'), of('seen')];
    return unseen === undefined || seen === undefined ? [] : [{ id, unseen, seen }];
  });
  if (nearest.length === 0) return [];
  const columns = [
    ...[left(rowTitle(report)), { title: 'pooled' }, { title: 'task mean' }],
    ...[{ title: 'seen AUROC' }, { title: 'history' }, { title: 'persistence' }],
    ...[{ title: 'level error' }, { title: 'history' }, { title: 'persistence' }],
  ];
  const rows = nearest.map(({ id, unseen, seen }) => [
    name(id),
    fixed(unseen.pooledAuroc),
    fixed(unseen.taskPooledAuroc),
    fixed(seen.auroc),
    fixed(seen.baselines.historyOnly.auroc),
    fixed(seen.baselines.persistence.auroc),
    points(unseen.levelError),
    points(unseen.baselines.historyOnly.levelError),
    points(unseen.baselines.persistence.levelError),
  ]);
  return [
    [
      'At the next checkpoint, beside what is there without a probe',
      renderTable(columns, rows),
      'pooled: AUROC over unseen questions of all tasks together, beside the task’s last rate alone',
    ].join('\n'),
  ];
}

function renderBreaks({ breaks }: TransferReport, name: Naming): string[] {
  if (breaks.length === 0) return [];
  const columns = [
    ...[left('scored on'), left('new'), left('last trained')],
    ...[{ title: 'AUROC' }, { title: 'refit' }, { title: 'prompt only' }],
    ...[{ title: 'level error' }, { title: 'corrected' }, { title: 'labels alone' }],
  ];
  const rows = breaks.map((one) => [
    name(one.scored),
    one.break,
    name(one.trained.at(-1)),
    fixed(one.auroc),
    fixed(one.refitAuroc),
    fixed(one.refitPromptOnlyAuroc),
    points(one.levelError),
    points(one.correctedLevelError),
    points(one.plainLevelError),
  ]);
  const labels = Math.max(...breaks.flatMap(({ tasks }) => tasks.map((task) => task.labels)), 0);
  return [
    [
      'Checkpoints of another kind: what the old probe still says, and what new labels repair',
      renderTable(columns, rows),
      `refit, corrected, labels alone: with up to ${labels} new labels a task; AUROC on unseen questions, level error in points over all`,
    ].join('\n'),
  ];
}

function renderLeftOut({ leftOut, train }: TransferReport, name: Naming): string[] {
  if (leftOut === null) return [];
  const { rows, trained, auroc, knownAuroc, ranked, above } = leftOut;
  const columns = [
    ...[left('task'), left('scored on'), { title: 'AUROC' }, { title: 'oracle' }],
    ...[{ title: 'task known' }, { title: 'prompt only' }, { title: 'level error' }],
  ];
  const shown = rows.map((row) => [
    row.task,
    name(row.scored),
    fixed(row.auroc),
    fixed(row.oracleAuroc),
    fixed(row.knownAuroc),
    fixed(row.promptOnlyAuroc),
    points(row.levelError === null ? null : Math.abs(row.levelError)),
  ]);
  const last = withoutControlCharacters(name(trained.at(-1)));
  const on = train === 'upto' ? `up to ${last}` : `on ${last} alone`;
  return [
    [
      `Tasks that the probe never saw, trained ${on}: AUROC within the task; chance is 0.5`,
      renderTable(columns, shown),
      ranked === 0
        ? 'no mean: no later checkpoint of the same kind has a ranked task'
        : `mean ${fixed(auroc)}, above chance in ${above} of ${ranked}; ${fixed(knownAuroc)} where the task was known (unseen questions); over checkpoints of the same kind`,
    ].join('\n'),
  ];
}
