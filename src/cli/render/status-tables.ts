import type { MeasuredRow, StatusGap, StatusReport } from '../../jobs/index.ts';
import { fixed, points } from './format.ts';
import { type Column, renderTable } from './table.ts';

/** One row a task, checkpoint and way of measuring; below it what a run lacks. */
export function renderStatus({ tasks, gaps }: StatusReport): string {
  const optional = optionalColumns(tasks);
  const passAt = passAtColumns(tasks);
  const hasLoss = tasks.some(({ loss }) => loss !== null);
  const columns: Column[] = [
    { title: 'checkpoint', align: 'left' },
    { title: 'suite', align: 'left' },
    { title: 'task', align: 'left' },
    { title: 'filter', align: 'left' },
    ...optional.map(({ title }): Column => ({ title, align: 'left' })),
    { title: 'items' },
    { title: 'samples' },
    { title: 'per item' },
    { title: 'accuracy' },
    { title: '± s.e.' },
    ...(hasLoss ? [{ title: 'loss or measure' }] : []),
    ...passAt.map(({ title }) => ({ title })),
    { title: 'source', align: 'left' },
  ];
  const rows = tasks.map((row) => [
    ...[row.checkpoint, row.suite, row.task, row.filter ?? ''],
    ...optional.map(({ textOf }) => textOf(row)),
    `${row.items}`,
    `${row.samples}`,
    perItem(row.samplesPerItem),
    points(row.accuracy),
    points(row.standardError),
    ...(hasLoss ? [measureOf(row)] : []),
    ...passAt.map(({ valueOf }) => points(valueOf(row))),
    row.source ?? '',
  ]);
  const parts = [renderTable(columns, rows)];
  if (gaps.length > 0) parts.push(renderGaps(gaps));
  return parts.join('\n\n');
}

/** With its unit, unless that is the metric which the row is about. */
function measureOf({ loss, lossUnit, filter }: MeasuredRow): string {
  if (loss === null) return '';
  const unit = lossUnit === null || filter?.split(',')[0] === lossUnit ? '' : ` ${lossUnit}`;
  return `${Number(loss.toPrecision(4))}${unit}`;
}

type OptionalColumn = { readonly title: string; readonly textOf: (row: MeasuredRow) => string };

/** What is the same for all rows is no column. */
function optionalColumns(tasks: readonly MeasuredRow[]): readonly OptionalColumn[] {
  const shown = (value: string | number | null): string => (value === null ? '' : `${value}`);
  const columns: readonly OptionalColumn[] = [
    { title: 'few-shot', textOf: ({ fewShot }) => shown(fewShot) },
    { title: 'template', textOf: ({ chatTemplate }) => shown(chatTemplate).slice(0, 12) },
    { title: 'render', textOf: ({ render }) => shown(render) },
    { title: 'temperature', textOf: ({ temperature }) => shown(temperature) },
    { title: 'top-p', textOf: ({ topP }) => shown(topP) },
    { title: 'kind', textOf: ({ kind }) => kind },
  ];
  return columns.filter(({ textOf }) => new Set(tasks.map(textOf)).size > 1);
}

type PassAtColumn = {
  readonly title: string;
  readonly valueOf: (row: MeasuredRow) => number | null;
};

function passAtColumns(tasks: readonly MeasuredRow[]): readonly PassAtColumn[] {
  const asked = tasks[0]?.passAt ?? [];
  return asked.flatMap(({ k }, index): PassAtColumn[] => {
    const isShrunk = tasks.some(({ passAt }) => (passAt[index]?.shrunk ?? null) !== null);
    const plain: PassAtColumn[] = [
      { title: `pass@${k}`, valueOf: ({ passAt }) => passAt[index]?.estimate ?? null },
      { title: '± s.e.', valueOf: ({ passAt }) => passAt[index]?.standardError ?? null },
    ];
    if (!isShrunk) return plain;
    return [
      ...plain,
      { title: 'shrunk', valueOf: ({ passAt }) => passAt[index]?.shrunk?.estimate ?? null },
      { title: '± s.e.', valueOf: ({ passAt }) => passAt[index]?.shrunk?.standardError ?? null },
    ];
  });
}

function perItem(samples: number | null): string {
  return samples !== null && Number.isInteger(samples) ? `${samples}` : fixed(samples, 1);
}

/** The rest is in the JSON. */
const mostGapRows = 20;
const mostNames = 3;

/** One row a checkpoint, suite and filter. */
function renderGaps(gaps: readonly StatusGap[]): string {
  const groups = new Map<string, StatusGap[]>();
  for (const gap of gaps) {
    const key = JSON.stringify([gap.checkpoint, gap.suite, gap.filter]);
    const own = groups.get(key);
    if (own === undefined) groups.set(key, [gap]);
    else own.push(gap);
  }
  const rows = [...groups.values()].map((own) => [
    ...[own[0]?.checkpoint ?? '', own[0]?.suite ?? '', own[0]?.filter ?? ''],
    nameSome(own.filter(({ items }) => items === 0).map(({ task }) => task)),
    nameSome(
      own
        .filter(({ items }) => items > 0)
        .map(({ task, items, of }) => `${task} ${items} of ${of ?? ''}`),
    ),
  ]);
  const columns: Column[] = ['checkpoint', 'suite', 'filter', 'not measured', 'fewer items'].map(
    (title) => ({ title, align: 'left' }),
  );
  const more = rows.length - mostGapRows;
  return [
    'gaps, beside other checkpoints of the run:',
    renderTable(columns, rows.slice(0, mostGapRows)),
    ...(more > 0 ? [`and ${more} more rows; --json lists every gap`] : []),
  ].join('\n');
}

function nameSome(names: readonly string[]): string {
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : '';
  return `${names.slice(0, mostNames).join(', ')}${more}`;
}
