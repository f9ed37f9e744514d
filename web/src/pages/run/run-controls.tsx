import type { ReactElement } from 'react';
import type { RunTimeline } from '../../../../src/wire/index.ts';
import { Checklist, Segments, Select, Toggle } from '../../components/index.ts';
import { changeParams, goTo, readList, type Route, routeTo, writeList } from '../../state/index.ts';
import type { Axis } from './axis.ts';

const smoothings = ['0', '1', '2', '4', '8'];

export function RunControls(props: {
  readonly timeline: RunTimeline;
  readonly runs: readonly string[];
  readonly axis: Axis;
  readonly route: Route;
}): ReactElement {
  const { timeline, runs, axis, route } = props;
  const { params } = route;
  const change = (changes: Readonly<Record<string, string | null>>): void =>
    changeParams(route, changes, { replace: true });
  return (
    <>
      <Select
        label="Run"
        value={timeline.run}
        options={runs.map((run) => ({ value: run, label: run }))}
        onChange={(run) => goTo(routeTo('run', run, params))}
      />
      <Segments
        label="Along"
        value={axis.name}
        options={[
          { value: 'tokens', label: 'tokens' },
          { value: 'step', label: 'steps' },
          { value: 'flops', label: 'FLOPs' },
          { value: 'order', label: 'order' },
        ]}
        onChange={(x) => change({ x })}
      />
      <Toggle
        label="logarithmic"
        on={params['log'] === '1'}
        onChange={(on) => change({ log: on ? '1' : null })}
      />
      <Toggle
        label="fit heights"
        on={params['y'] === 'fit'}
        onChange={(on) => change({ y: on ? 'fit' : null })}
      />
      <Select
        label="Smooth"
        value={params['smooth'] ?? '0'}
        options={smoothings.map((value) => ({
          value,
          label: value === '0' ? 'not at all' : `± ${value} checkpoints`,
        }))}
        onChange={(smooth) => change({ smooth: smooth === '0' ? null : smooth })}
      />
      <Checklist
        label="Baselines"
        chosen={params['base'] === undefined ? ['persistence'] : readList(params['base'])}
        options={baselineNames(timeline).map((name) => ({ value: name, label: name }))}
        onChange={(names) => change({ base: writeList(names) ?? '' })}
      />
      <Checklist
        label="Other runs"
        chosen={readList(params['refs'])}
        options={runs
          .filter((run) => run !== timeline.run)
          .map((run) => ({ value: run, label: run }))}
        onChange={(names) => change({ refs: writeList(names) })}
      />
    </>
  );
}

function baselineNames({ tasks }: RunTimeline): string[] {
  const names = new Set(
    tasks.flatMap(({ probed }) =>
      probed.flatMap(({ points }) => points.flatMap(({ baselines }) => Object.keys(baselines))),
    ),
  );
  return [...names];
}
