import type { ReactElement } from 'react';
import type { ProbeDetail } from '../../../../src/wire/index.ts';
import { type Column, DataTable, Panel } from '../../components/index.ts';
import { plain, points } from '../../format/index.ts';
import type { Route } from '../../state/index.ts';

type Row = ProbeDetail['cardScores'][number];

/** What the card promises, beside what was to be had for free. */
export function CardScores(props: {
  readonly probe: ProbeDetail;
  readonly route: Route;
}): ReactElement | null {
  const { probe, route } = props;
  if (probe.cardScores.length === 0) return null;
  return (
    <Panel
      title="Scores of the card"
      note={`AUROC on ${probe.scores?.checkpoint ?? 'its latest checkpoint'}, by a copy that learned from the earlier ones`}
    >
      <DataTable
        label="Scores of the card"
        rows={probe.cardScores}
        columns={columnsOf(probe)}
        rowKey={({ task, split }) => `${task}\n${split}`}
        route={route}
        orderName="scores"
      />
    </Panel>
  );
}

function columnsOf({ cardScores }: ProbeDetail): Column<Row>[] {
  const names = [...new Set(cardScores.flatMap(({ baselines }) => Object.keys(baselines)))];
  return [
    { key: 'task', label: 'Task', heads: true, cell: ({ task }) => task, sort: ({ task }) => task },
    { key: 'split', label: 'Questions', cell: ({ split }) => split, sort: ({ split }) => split },
    {
      key: 'items',
      label: 'Number',
      numeric: true,
      cell: ({ items }) => items,
      sort: ({ items }) => items,
    },
    {
      key: 'auroc',
      label: 'Probe',
      numeric: true,
      cell: (row) => <b className={beatsAll(row) ? 'rose' : ''}>{plain(row.auroc)}</b>,
      sort: ({ auroc }) => auroc,
    },
    ...names.map(
      (name): Column<Row> => ({
        key: `b-${name}`,
        label: name,
        numeric: true,
        wideOnly: true,
        cell: ({ baselines }) => (
          <span className="quiet">{plain(baselines[name]?.auroc ?? null)}</span>
        ),
        sort: ({ baselines }) => baselines[name]?.auroc ?? null,
      }),
    ),
    {
      key: 'mse',
      label: 'MSE',
      numeric: true,
      cell: ({ mse }) => plain(mse),
      sort: ({ mse }) => mse,
    },
    {
      key: 'level',
      label: 'Level error',
      numeric: true,
      hint: 'Predicted less measured accuracy, in points',
      cell: ({ levelError }) => points(levelError),
      sort: ({ levelError }) => levelError,
    },
  ];
}

function beatsAll({ auroc, baselines }: Row): boolean {
  return auroc !== null && Object.values(baselines).every((other) => (other.auroc ?? 0) < auroc);
}
