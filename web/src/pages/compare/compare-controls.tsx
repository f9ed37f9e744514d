import type { ReactElement } from 'react';
import { checkpointSchema, type Run } from '../../../../src/wire/index.ts';
import { type Option, Select } from '../../components/index.ts';
import { useRows } from '../../data/index.ts';
import { changeParams, type Route } from '../../state/index.ts';

export function CompareControls(props: {
  readonly a: string;
  readonly b: string;
  readonly runs: readonly Run[];
  readonly route: Route;
}): ReactElement {
  const { a, b, runs, route } = props;
  const checkpoints = useRows(checkpointSchema, '/checkpoints');
  const options: Option[] = [
    ...runs.map(({ run }) => ({ value: run, label: `${run} (last measured)` })),
    ...(checkpoints.data ?? []).map(({ checkpoint }) => ({ value: checkpoint, label: checkpoint })),
  ];
  return (
    <>
      <Select
        label="a"
        value={a}
        options={options}
        onChange={(next) => changeParams(route, { a: next, b })}
      />
      <button type="button" onClick={() => changeParams(route, { a: b, b: a })}>
        Swap
      </button>
      <Select
        label="b"
        value={b}
        options={options}
        onChange={(next) => changeParams(route, { a, b: next })}
      />
    </>
  );
}
