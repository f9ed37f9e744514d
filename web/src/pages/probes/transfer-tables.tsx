import type { ReactElement } from 'react';
import type { TransferBreak, TransferDetail, TransferLeftOut } from '../../../../src/wire/index.ts';
import { type Column, DataTable, Panel } from '../../components/index.ts';
import { plain, points, withinRun } from '../../format/index.ts';
import type { Route } from '../../state/index.ts';

type Props = { readonly matrix: TransferDetail; readonly route: Route };

/** Checkpoints of another kind: what the old probe still says, and what new labels repair. */
export function BrokenCheckpoints({ matrix, route }: Props): ReactElement | null {
  if (matrix.breaks.length === 0) return null;
  return (
    <Panel
      title="Across stages"
      note="checkpoints of another kind than those learned on; refit, corrected, labels alone: with some new labels a task"
    >
      <DataTable
        label="Across stages"
        rows={matrix.breaks}
        columns={breakColumns}
        rowKey={({ trained, scored }) => `${trained}\n${scored}`}
        route={route}
        orderName="breaks"
      />
    </Panel>
  );
}

/** Tasks that a probe never saw. */
export function TasksLeftOut({ matrix, route }: Props): ReactElement | null {
  const [first] = matrix.leftOut;
  if (first === undefined) return null;
  const upTo = matrix.train === 'upto' ? 'up to' : 'on';
  return (
    <Panel
      title="Tasks left out"
      note={`AUROC within a task that the probe never saw, learned ${upTo} ${withinRun(first.trained)}; chance is 0.5`}
    >
      <DataTable
        label="Tasks left out"
        rows={matrix.leftOut}
        columns={leftOutColumns}
        rowKey={({ task, scored }) => `${task}\n${scored}`}
        route={route}
        orderName="leftout"
      />
    </Panel>
  );
}

function number<Row>(
  label: string,
  pick: (row: Row) => number | null,
  format: (value: number | null) => string = plain,
): Column<Row> {
  return { key: label, label, numeric: true, cell: (row) => format(pick(row)), sort: pick };
}

const checkpoint = <Row extends { scored: string }>(): Column<Row> => ({
  key: 'scored',
  label: 'Scored on',
  cell: ({ scored }) => <span title={scored}>{withinRun(scored)}</span>,
  sort: ({ scored }) => scored,
});

const breakColumns: readonly Column<TransferBreak>[] = [
  { ...checkpoint<TransferBreak>(), heads: true },
  { key: 'new', label: 'New', cell: (row) => row.break, sort: (row) => row.break },
  number('AUROC', (row) => row.auroc),
  number('refit', (row) => row.refitAuroc),
  number('prompt only', (row) => row.refitPromptOnlyAuroc),
  number('Level error', (row) => row.levelError, points),
  number('corrected', (row) => row.correctedLevelError, points),
  number('labels alone', (row) => row.plainLevelError, points),
];

const leftOutColumns: readonly Column<TransferLeftOut>[] = [
  { key: 'task', label: 'Task', heads: true, cell: ({ task }) => task, sort: ({ task }) => task },
  checkpoint<TransferLeftOut>(),
  number('AUROC', (row) => row.auroc),
  number('oracle', (row) => row.oracleAuroc),
  number('task known', (row) => row.knownAuroc),
  number('Level error', (row) => row.levelError, points),
];
