/** How far probes carry, from the checkpoints that they learned on to later ones. */
import type { ReactElement } from 'react';
import { type Transfer, transferDetailSchema, transferSchema } from '../../../../src/wire/index.ts';
import { Answered, Empty, Panel, Segments, Select } from '../../components/index.ts';
import { useAnswer, useRows } from '../../data/index.ts';
import { howMany, moment, points } from '../../format/index.ts';
import { changeParams, type Route } from '../../state/index.ts';
import { speakerNames, speakers, type TransferView } from './transfer-grid.ts';
import { TransferMap } from './transfer-map.tsx';
import { BrokenCheckpoints, TasksLeftOut } from './transfer-tables.tsx';

/** @param suite of the probe that is shown: its latest matrix is shown, where none is chosen. */
export function Transfers(props: {
  readonly suite: string | null;
  readonly route: Route;
}): ReactElement {
  const { suite, route } = props;
  const query = useRows(transferSchema, '/transfers');
  return (
    <Answered query={query} what="the matrices of transfer">
      {(transfers) => {
        const chosen =
          transfers.find(({ id }) => id === route.params['matrix']) ??
          transfers.find((one) => one.suite === suite) ??
          transfers[0];
        return chosen === undefined ? (
          <NoTransfers />
        ) : (
          <OneTransfer key={chosen.id} chosen={chosen} transfers={transfers} route={route} />
        );
      }}
    </Answered>
  );
}

function NoTransfers(): ReactElement {
  return (
    <Panel title="Transfer">
      <Empty
        title="No matrix of transfer yet"
        within
        commands={['sonde transfer --suite SUITE --checkpoints ID,ID,ID']}
      >
        How well probes of earlier checkpoints rank the questions of later ones, beside what was to
        be had without them:
      </Empty>
    </Panel>
  );
}

function OneTransfer(props: {
  readonly chosen: Transfer;
  readonly transfers: readonly Transfer[];
  readonly route: Route;
}): ReactElement {
  const { chosen, transfers, route } = props;
  const query = useAnswer(transferDetailSchema, `/transfers/${encodeURIComponent(chosen.id)}`);
  return (
    <>
      <Panel title="Transfer" note={noteOf(chosen)}>
        <Controls chosen={chosen} transfers={transfers} route={route} />
        <Answered query={query} what="the matrix of transfer">
          {(matrix) => <TransferMap matrix={matrix} view={viewOf(matrix, route)} />}
        </Answered>
      </Panel>
      {query.data === undefined ? null : (
        <>
          <BrokenCheckpoints matrix={query.data} route={route} />
          <TasksLeftOut matrix={query.data} route={route} />
        </>
      )}
    </>
  );
}

function noteOf({ suite, probe, tasks, holdout, precision, across }: Transfer): string {
  return [
    `${suite}, ${howMany(tasks.length, 'task')}`,
    `probe ${probe}`,
    `${points(holdout, 0)} % of the questions unseen`,
    ...(precision === 'f32' ? [] : [precision]),
    ...(across.length === 0 ? [] : [`joined across ${across.join(', ')}`]),
  ].join(' · ');
}

function viewOf({ tasks }: Transfer, { params }: Route): TransferView {
  const by = speakers.find((name) => name === params['by']) ?? 'probe';
  const task = tasks.find((name) => name === params['task']) ?? null;
  return {
    score: params['score'] === 'level' ? 'levelError' : 'auroc',
    by,
    split: params['on'] === 'seen' ? 'seen' : 'unseen',
    // Baselines are kept as means over tasks.
    task: by === 'probe' ? task : null,
  };
}

function Controls(props: {
  readonly chosen: Transfer;
  readonly transfers: readonly Transfer[];
  readonly route: Route;
}): ReactElement {
  const { chosen, transfers, route } = props;
  const view = viewOf(chosen, route);
  const change = (name: string, value: string): void =>
    changeParams(route, { [name]: value }, { replace: true });
  return (
    <div className="controls">
      {transfers.length < 2 ? null : (
        <Select
          label="Matrix"
          value={chosen.id}
          options={transfers.map((one) => ({ value: one.id, label: nameOf(one) }))}
          onChange={(id) => change('matrix', id)}
        />
      )}
      <Segments
        label="Score"
        value={view.score === 'auroc' ? 'auroc' : 'level'}
        options={[
          { value: 'auroc', label: 'AUROC' },
          { value: 'level', label: 'level error' },
        ]}
        onChange={(score) => change('score', score)}
      />
      <Segments
        label="Of"
        value={view.by}
        options={speakers.map((value) => ({ value, label: speakerNames[value] }))}
        onChange={(by) => change('by', by)}
      />
      <Segments
        label="On questions"
        value={view.split}
        options={[
          { value: 'unseen', label: 'unseen' },
          { value: 'seen', label: 'seen' },
        ]}
        onChange={(on) => change('on', on)}
      />
      {view.by !== 'probe' ? null : (
        <Select
          label="Task"
          value={view.task ?? ''}
          options={[
            { value: '', label: 'mean of all' },
            ...chosen.tasks.map((task) => ({ value: task, label: task })),
          ]}
          onChange={(task) => changeParams(route, { task: task === '' ? null : task })}
        />
      )}
    </div>
  );
}

function nameOf({ suite, checkpoints, probe, train, madeAt }: Transfer): string {
  const rows = train === 'upto' ? 'up to each' : 'each alone';
  return `${suite}, ${howMany(checkpoints.length, 'checkpoint')} (${rows}), ${probe}, ${moment(madeAt)}`;
}
