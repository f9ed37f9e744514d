/** Two checkpoints, or two runs, on the questions that both were asked. */
import { type ReactElement, useMemo } from 'react';
import {
  type Comparison,
  comparisonSchema,
  type Run,
  runSchema,
} from '../../../../src/wire/index.ts';
import { Answered, Empty, PageHead, Panel } from '../../components/index.ts';
import { useAnswer, useRows, useSource } from '../../data/index.ts';
import { points } from '../../format/index.ts';
import type { Route } from '../../state/index.ts';
import { CompareControls, HeldPairs } from './compare-controls.tsx';
import { ComparedTasks } from './compared-tasks.tsx';
import { DifferenceChart } from './difference-chart.tsx';
import { Flips } from './flips.tsx';
import { type ComparedPair, comparePath, heldPairs } from './held-pairs.ts';

export function ComparePage({ route }: { readonly route: Route }): ReactElement {
  const query = useRows(runSchema, '/runs');
  const { paths } = useSource();
  const held = useMemo(() => heldPairs(paths), [paths]);
  return (
    <Answered query={query} what="the runs">
      {(runs) => {
        const pair = chosenPair(held ?? latestPairs(runs), route.params);
        return pair === null ? (
          <NoPair />
        ) : (
          <Pair pair={pair} held={held} runs={runs} route={route} />
        );
      }}
    </Answered>
  );
}

/** The last two checkpoints of each run; of the run that changed last first. */
function latestPairs(runs: readonly Run[]): ComparedPair[] {
  return runs.flatMap(({ previous, latest }) =>
    previous === null ? [] : [{ a: previous.checkpoint, b: latest.checkpoint }],
  );
}

/** What was asked for, else the first pair; null where there is none. */
function chosenPair(
  [first]: readonly ComparedPair[],
  { a = first?.a, b = first?.b }: Route['params'],
): ComparedPair | null {
  return a === undefined || b === undefined ? null : { a, b };
}

function Pair(props: {
  readonly pair: ComparedPair;
  /** Null: any two. */
  readonly held: readonly ComparedPair[] | null;
  readonly runs: readonly Run[];
  readonly route: Route;
}): ReactElement {
  const { pair, held, runs, route } = props;
  const query = useAnswer(comparisonSchema, comparePath(pair));
  return (
    <>
      <PageHead title="Compare" note="b less a, paired by question where both were asked it">
        {held === null ? (
          <CompareControls {...pair} runs={runs} route={route} />
        ) : (
          <HeldPairs pair={pair} held={held} route={route} />
        )}
      </PageHead>
      <Answered query={query} what="both">
        {(comparison) =>
          comparison.tasks.length === 0 ? (
            <NothingShared comparison={comparison} />
          ) : (
            <Filled comparison={comparison} route={route} />
          )
        }
      </Answered>
    </>
  );
}

function Filled(props: { readonly comparison: Comparison; readonly route: Route }): ReactElement {
  const { comparison, route } = props;
  return (
    <>
      <Panel
        title="Differences"
        note={`${comparison.a} → ${comparison.b}; ${comparison.paired ? 'paired' : 'not paired'}, ${points(comparison.level, 0)} % intervals`}
      >
        <DifferenceChart comparison={comparison} />
        <ComparedTasks comparison={comparison} route={route} />
      </Panel>
      <Flips comparison={comparison} route={route} />
      <Exclusions comparison={comparison} />
    </>
  );
}

function Exclusions({ comparison }: { readonly comparison: Comparison }): ReactElement | null {
  const { exclusions } = comparison;
  if (exclusions.length === 0) return null;
  return (
    <Panel title="Left out" note={String(exclusions.length)}>
      <ul className="lines">
        {exclusions.map(({ suite, task, items, reason }, index) => (
          <li key={index}>
            <b>{task}</b> <span className="quiet">{suite}</span>{' '}
            {items === null ? 'all questions' : `${items} questions`}: {reason}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function NothingShared({ comparison }: { readonly comparison: Comparison }): ReactElement {
  return (
    <Empty
      title="No question was asked of both"
      within
      commands={[`sonde label ${comparison.b} --suite SUITE`]}
    >
      {comparison.exclusions[0]?.reason ??
        'A comparison needs outcomes of both; import them or sample answers.'}
    </Empty>
  );
}

function NoPair(): ReactElement {
  return (
    <Empty title="There are no two checkpoints yet" commands={['sonde import outcomes.csv']}>
      Import outcomes of at least two checkpoints:
    </Empty>
  );
}
