import type { ReactElement } from 'react';
import { checkpointSchema, type Run } from '../../../../src/wire/index.ts';
import { type Option, Select } from '../../components/index.ts';
import { useRows } from '../../data/index.ts';
import { changeParams, type Route } from '../../state/index.ts';
import type { ComparedPair } from './held-pairs.ts';

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

/** A report compares the pairs that were written into it. */
export function HeldPairs(props: {
  readonly pair: ComparedPair;
  readonly held: readonly ComparedPair[];
  readonly route: Route;
}): ReactElement {
  const { pair, held, route } = props;
  return (
    <Select
      label="Pair of this report"
      value={nameOf(pair)}
      options={held.map(nameOf).map((name) => ({ value: name, label: name }))}
      onChange={(name) => {
        const next = held.find((one) => nameOf(one) === name);
        if (next !== undefined) changeParams(route, next);
      }}
    />
  );
}

function nameOf({ a, b }: ComparedPair): string {
  return `${a} → ${b}`;
}
