import { type ReactElement, useState } from 'react';
import type { Alert, AlertKind } from '../../../../src/wire/index.ts';
import { Panel, Status } from '../../components/index.ts';
import { useAcknowledge, useSource } from '../../data/index.ts';
import { moment } from '../../format/index.ts';
import { routeTo } from '../../state/index.ts';

const names: Readonly<Record<AlertKind, string>> = {
  drop: 'drop',
  'below-forecast': 'below forecast',
  drift: 'drift',
  'stage-break': 'stage break',
  remeasure: 're-measure',
  stalled: 'stalled',
};

/** Open alerts, the newest first. */
export function Alerts(props: {
  readonly alerts: readonly Alert[];
  readonly total: number;
}): ReactElement | null {
  const { alerts, total } = props;
  if (alerts.length === 0) return null;
  return (
    <Panel
      title="Open alerts"
      note={total > alerts.length ? `${alerts.length} of ${total}` : String(total)}
    >
      <ul className="alerts">
        {alerts.map((alert) => (
          <li key={alert.id}>
            <AlertLine alert={alert} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function AlertLine({ alert }: { readonly alert: Alert }): ReactElement {
  const { kind, run, checkpoint, task, suite, message, openedAt } = alert;
  const place =
    task === null || suite === null ? routeTo('run', run) : routeTo('task', task, { suite, run });
  // A checkpoint of no run is named by itself, and has no page.
  const about = [run ?? checkpoint, task].filter((name) => name !== null).join(' · ');
  return (
    <>
      <Status tone={alert.acknowledgedAt === null ? 'bad' : 'quiet'} label={names[kind]} />
      {run === null ? <span>{about}</span> : <a href={place}>{about}</a>}
      <span className="message">{message}</span>
      <time className="quiet" dateTime={openedAt}>
        {moment(openedAt)}
      </time>
      <Acknowledge alert={alert} />
    </>
  );
}

function Acknowledge({ alert }: { readonly alert: Alert }): ReactElement | null {
  const { service } = useSource();
  const acknowledge = useAcknowledge();
  const [asking, setAsking] = useState(false);
  if (alert.acknowledgedAt !== null) {
    return <span className="quiet">seen by {alert.acknowledgedBy ?? 'somebody'}</span>;
  }
  if (service === null) return null;
  if (!asking) {
    return (
      <button type="button" onClick={() => setAsking(true)}>
        Acknowledge
      </button>
    );
  }
  return (
    <form
      className="acknowledge"
      onSubmit={(event) => {
        event.preventDefault();
        const by = new FormData(event.currentTarget).get('by');
        if (typeof by !== 'string' || by.trim() === '') return;
        acknowledge.mutate({ id: alert.id, by });
      }}
    >
      <input
        name="by"
        aria-label="Your name, for the others"
        placeholder="your name"
        maxLength={200}
        required
        autoFocus
      />
      <button type="submit" disabled={acknowledge.isPending}>
        Acknowledge
      </button>
      {acknowledge.isError ? <span role="alert">{acknowledge.error.message}</span> : null}
    </form>
  );
}
