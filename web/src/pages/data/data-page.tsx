/** What the store holds and what it lacks: sources of outcomes, refused files, contradictions, gaps; and all alerts that ever were. */
import type { ReactElement } from 'react';
import { alertSchema, type Imports, importsSchema } from '../../../../src/wire/index.ts';
import { Answered, Empty, PageHead, Panel } from '../../components/index.ts';
import { useAnswer, useRows } from '../../data/index.ts';
import type { Route } from '../../state/index.ts';
import { AlertHistory } from './alert-history.tsx';
import { Gaps } from './gaps.tsx';
import { Refused } from './refused.tsx';
import { Sources } from './sources.tsx';

export function DataPage({ route }: { readonly route: Route }): ReactElement {
  const query = useAnswer(importsSchema, '/imports');
  const alerts = useRows(alertSchema, '/alerts', { state: 'all' });
  return (
    <>
      <PageHead
        title="Data"
        note="where outcomes came from, what was refused, what contradicts, what is missing"
      />
      <Answered query={query} what="the sources">
        {(imports) => (
          <>
            {imports.sources.length === 0 ? (
              <NoSources />
            ) : (
              <Sources imports={imports} route={route} />
            )}
            <Refused imports={imports} route={route} />
            <Conflicts imports={imports} />
            <Gaps imports={imports} route={route} />
          </>
        )}
      </Answered>
      <Answered query={alerts} what="the alerts">
        {(rows) => <AlertHistory alerts={rows} route={route} />}
      </Answered>
    </>
  );
}

function NoSources(): ReactElement {
  return (
    <Panel title="Sources">
      <Empty
        title="No outcomes yet"
        within
        commands={[
          'sonde import outcomes.csv',
          'sonde import lm-eval-results/',
          'sonde label CHECKPOINT --suite SUITE',
        ]}
      >
        Records, logs of evaluation harnesses, or answers that Sonde samples:
      </Empty>
    </Panel>
  );
}

function Conflicts({ imports }: { readonly imports: Imports }): ReactElement {
  const { conflicts } = imports;
  return (
    <Panel title="Contradictions" note={conflicts.length === 0 ? 'none' : String(conflicts.length)}>
      {conflicts.length === 0 ? (
        <p className="loading">All sources agree on the facts of their checkpoints.</p>
      ) : (
        <ul className="lines">
          {conflicts.map(({ checkpoint, field, values }) => (
            <li key={`${checkpoint}\n${field}`}>
              <b>{checkpoint}</b> {field}: {values.join(' or ')}.{' '}
              <span className="quiet">
                Verbs that need it refuse. Name the right one in sonde.yaml.
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
