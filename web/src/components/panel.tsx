import { type ReactElement, type ReactNode, useId } from 'react';

/** A part of a page under a heading. */
export function Panel(props: {
  readonly title: ReactNode;
  /** Beside the heading. */
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}): ReactElement {
  const id = useId();
  return (
    <section className="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{props.title}</h2>
        {props.note === undefined ? null : <span className="note">{props.note}</span>}
        {props.actions === undefined ? null : <div className="actions">{props.actions}</div>}
      </header>
      {props.children}
    </section>
  );
}

export function PageHead(props: {
  readonly title: ReactNode;
  readonly note?: ReactNode;
  readonly children?: ReactNode;
}): ReactElement {
  return (
    <div className="page-head">
      <h1>{props.title}</h1>
      {props.note === undefined ? null : <p className="note">{props.note}</p>}
      {props.children === undefined ? null : <div className="controls">{props.children}</div>}
    </div>
  );
}

/** Small figures with a word each. */
export function Facts(props: {
  readonly entries: readonly (readonly [label: string, value: ReactNode])[];
}): ReactElement {
  return (
    <dl className="facts">
      {props.entries.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
