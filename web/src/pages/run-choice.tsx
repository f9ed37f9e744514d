import type { ReactElement, ReactNode } from 'react';
import { runSchema } from '../../../src/wire/index.ts';
import { Answered, Empty } from '../components/index.ts';
import { useRows } from '../data/index.ts';
import { Unknown } from './unknown.tsx';

/** The run that was asked for, else the one that changed last; beside it the names of all. */
export function RunChoice(props: {
  readonly asked: string | null;
  /** Of the page about another run. */
  readonly address: (run: string) => string;
  readonly children: (run: string, runs: readonly string[]) => ReactNode;
}): ReactElement {
  const { asked, address, children } = props;
  const query = useRows(runSchema, '/runs');
  return (
    <Answered query={query} what="the runs">
      {(runs) => {
        const names = runs.map(({ run }) => run);
        const run = asked ?? names[0];
        if (run === undefined) return <NoRuns />;
        if (names.includes(run)) return children(run, names);
        const known = names.map((name) => ({ name, address: address(name) }));
        return <Unknown what="run" asked={run} known={known} />;
      }}
    </Answered>
  );
}

function NoRuns(): ReactElement {
  return (
    <Empty
      title="There is no run yet"
      commands={['sonde watch runs/', 'sonde import outcomes.csv']}
    >
      Watch a folder that checkpoints are written to, or import what was measured:
    </Empty>
  );
}
