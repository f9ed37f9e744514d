import type { ReactElement } from 'react';
import type { ItemMatrix, Task } from '../../../../src/wire/index.ts';
import { Segments, Select } from '../../components/index.ts';
import { changeParams, goTo, type Route, routeTo } from '../../state/index.ts';
import { readView } from './matrix.ts';
import { chosenColumn } from './matrix.ts';
import { withinRun } from '../../format/index.ts';

export function TaskControls(props: {
  readonly task: Task;
  readonly tasks: readonly Task[];
  readonly run: string;
  readonly runs: readonly string[];
  /** Null while it is read. */
  readonly matrix: ItemMatrix | null;
  readonly route: Route;
}): ReactElement {
  const { task, tasks, run, runs, matrix, route } = props;
  const { params } = route;
  const change = (changes: Readonly<Record<string, string | null>>): void =>
    changeParams(route, { suite: task.suite, run, ...changes }, { replace: true });
  const severalSuites = new Set(tasks.map(({ suite }) => suite)).size > 1;
  return (
    <>
      <Select
        label="Task"
        value={keyOf(task)}
        options={tasks.map((one) => ({
          value: keyOf(one),
          label: severalSuites ? `${one.suite} · ${one.task}` : one.task,
        }))}
        onChange={(key) => {
          const next = tasks.find((one) => keyOf(one) === key);
          if (next === undefined) return;
          goTo(
            routeTo('task', next.task, {
              ...params,
              suite: next.suite,
              run,
              item: null,
              filter: null,
            }),
          );
        }}
      />
      <Select
        label="Run"
        value={run}
        options={runs.map((name) => ({ value: name, label: name }))}
        onChange={(next) => change({ run: next, item: null, at: null, probe: null, filter: null })}
      />
      {matrix === null ? null : <MatrixControls matrix={matrix} params={params} change={change} />}
    </>
  );
}

function MatrixControls(props: {
  readonly matrix: ItemMatrix;
  readonly params: Route['params'];
  readonly change: (changes: Readonly<Record<string, string | null>>) => void;
}): ReactElement {
  const { matrix, params, change } = props;
  const at = matrix.checkpoints[chosenColumn(matrix, params['at'])];
  return (
    <>
      {matrix.filters.length > 1 ? (
        <Select
          label="Filter"
          value={matrix.filter ?? ''}
          options={matrix.filters.map((value) => ({ value, label: value }))}
          onChange={(filter) => change({ filter })}
        />
      ) : null}
      {matrix.probes.length > 1 ? (
        <Select
          label="Probe"
          value={matrix.probe ?? ''}
          options={matrix.probes.map((value) => ({ value, label: value }))}
          onChange={(probe) => change({ probe })}
        />
      ) : null}
      <Select
        label="At"
        value={at?.checkpoint ?? ''}
        options={matrix.checkpoints.map(({ checkpoint }) => ({
          value: checkpoint,
          label: withinRun(checkpoint),
        }))}
        onChange={(checkpoint) => change({ at: checkpoint })}
      />
      <Segments
        label="Show"
        value={readView(params['show'], matrix)}
        options={[
          { value: 'known', label: 'known' },
          { value: 'measured', label: 'measured' },
          { value: 'predicted', label: 'predicted' },
          { value: 'difference', label: 'difference' },
        ]}
        onChange={(show) => change({ show })}
      />
    </>
  );
}

function keyOf({ suite, task }: Task): string {
  return JSON.stringify([suite, task]);
}
