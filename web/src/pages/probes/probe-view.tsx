import type { ReactElement } from 'react';
import type { ProbeDetail } from '../../../../src/wire/index.ts';
import { type Column, DataTable, Facts, Panel, Segments, Status } from '../../components/index.ts';
import { absent, count, plain, points, withinRun } from '../../format/index.ts';
import { changeParams, type Route } from '../../state/index.ts';
import { AurocMap } from './auroc-map.tsx';
import { CardScores } from './card-scores.tsx';
import { ReliabilityChart } from './reliability-chart.tsx';

export function ProbeView(props: {
  readonly probe: ProbeDetail;
  readonly route: Route;
}): ReactElement {
  const { probe, route } = props;
  const split = route.params['split'] === 'unseen' ? 'unseen' : 'seen';
  return (
    <>
      <Panel title="Card">
        <CardFacts probe={probe} />
        <CardWords probe={probe} />
      </Panel>
      <Panel
        title="Ranking by task and checkpoint"
        note="AUROC of stored predictions against the outcomes that there are now"
        actions={
          <Segments
            label="Questions"
            value={split}
            options={[
              { value: 'seen', label: 'seen' },
              { value: 'unseen', label: 'unseen' },
            ]}
            onChange={(next) => changeParams(route, { split: next }, { replace: true })}
          />
        }
      >
        <AurocMap probe={probe} split={split} />
      </Panel>
      <div className="columns">
        <Panel title="Reliability">
          <ReliabilityChart probe={probe} />
        </Panel>
        <Scored probe={probe} route={route} />
      </div>
      <CardScores probe={probe} route={route} />
      <Selection probe={probe} route={route} />
    </>
  );
}

function CardFacts({ probe }: { readonly probe: ProbeDetail }): ReactElement {
  const { checkpoints, questions, seed, representation, scores } = probe;
  const first = checkpoints[0];
  const last = checkpoints.at(-1);
  return (
    <Facts
      entries={[
        [
          'learned on',
          first === undefined || last === undefined
            ? absent
            : `${checkpoints.length}: ${withinRun(first)} … ${withinRun(last)}`,
        ],
        ['questions seen', count(questions.seen)],
        ['unseen', count(questions.unseen)],
        ['states', representation ?? absent],
        [
          'AUROC seen / unseen',
          `${plain(scores?.seen?.auroc ?? null)} / ${plain(scores?.unseen?.auroc ?? null)}`,
        ],
        ['seed', seed],
      ]}
    />
  );
}

/** What takes sentences: how it makes intervals and notices drift, and where it ends. */
function CardWords({ probe }: { readonly probe: ProbeDetail }): ReactElement {
  const { intervals, drift, limits } = probe;
  const alarms =
    drift?.falseAlarmRate == null ? '' : ` (${points(drift.falseAlarmRate, 0)} % false alarms)`;
  return (
    <ul className="lines">
      <li>
        <b>Intervals</b> {points(intervals.level, 0)} %: {intervals.method}
      </li>
      <li>
        <b>Drift</b> {drift === null ? 'cannot be noticed by it' : `${drift.method}${alarms}`}
      </li>
      {limits.map((limit) => (
        <li key={limit}>
          <b>Limit</b> {limit}
        </li>
      ))}
    </ul>
  );
}

type ScoredRow = ProbeDetail['scored'][number];

function Scored(props: { readonly probe: ProbeDetail; readonly route: Route }): ReactElement {
  const { probe, route } = props;
  return (
    <Panel title="Checkpoints it spoke for" note="drift, and labels saved">
      {probe.scored.length === 0 ? (
        <p className="loading">
          None yet: <code>sonde predict CHECKPOINT --probe {probe.name}</code>
        </p>
      ) : (
        <DataTable
          label="Checkpoints it spoke for"
          rows={probe.scored}
          columns={scoredColumns}
          rowKey={({ checkpoint }) => checkpoint}
          route={route}
          orderName="scored"
        />
      )}
    </Panel>
  );
}

const scoredColumns: readonly Column<ScoredRow>[] = [
  {
    key: 'checkpoint',
    label: 'Checkpoint',
    heads: true,
    cell: ({ checkpoint }) => <span title={checkpoint}>{withinRun(checkpoint)}</span>,
    sort: ({ checkpoint }) => checkpoint,
  },
  {
    key: 'status',
    label: 'Tasks',
    cell: ({ tasks, drift, remeasure }) => (
      <>
        {drift > 0 ? <Status tone="bad" label={`${drift} drift`} /> : null}
        {remeasure > 0 ? <Status tone="warn" label={`${remeasure} re-measure`} /> : null}
        {drift + remeasure < tasks ? (
          <Status tone="good" label={`${tasks - drift - remeasure} ok`} />
        ) : null}
      </>
    ),
    sort: ({ drift, remeasure }) => drift + remeasure,
  },
  {
    key: 'saved',
    label: 'Labels saved',
    numeric: true,
    hint: 'Questions that it spoke for and that nobody had to label',
    cell: ({ questions, labelled }) => (questions - labelled).toLocaleString('en-US'),
    sort: ({ questions, labelled }) => questions - labelled,
  },
  {
    key: 'of',
    label: 'of',
    numeric: true,
    cell: ({ questions }) => questions.toLocaleString('en-US'),
  },
];

type SelectionRow = ProbeDetail['selection'][number];

function Selection(props: {
  readonly probe: ProbeDetail;
  readonly route: Route;
}): ReactElement | null {
  const { probe, route } = props;
  if (probe.selection.length === 0) return null;
  return (
    <Panel title="What was tried" note="on the checkpoints it learned from; taken ones are marked">
      <DataTable
        label="What was tried"
        rows={probe.selection}
        columns={selectionColumns}
        // A candidate is tried again where another choice changed meanwhile.
        rowKey={({ stage, candidate }, index) => `${stage}\n${candidate}\n${index}`}
        route={route}
        orderName="tried"
      />
    </Panel>
  );
}

const selectionColumns: readonly Column<SelectionRow>[] = [
  { key: 'stage', label: 'Choice', cell: ({ stage }) => stage, sort: ({ stage }) => stage },
  {
    key: 'candidate',
    label: 'Candidate',
    heads: true,
    cell: ({ candidate, chosen }) =>
      chosen ? (
        <Status tone="good" label={candidate} />
      ) : (
        <span className="quiet">{candidate}</span>
      ),
    sort: ({ candidate }) => candidate,
  },
  {
    key: 'auroc',
    label: 'AUROC',
    numeric: true,
    cell: ({ auroc }) => plain(auroc),
    sort: ({ auroc }) => auroc,
  },
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
    hint: 'Mean absolute error of a task’s accuracy, in points',
    cell: ({ levelError }) => points(levelError === null ? null : Math.abs(levelError)),
    sort: ({ levelError }) => levelError,
  },
];
