import type { ReactElement } from 'react';

export type Tone = 'good' | 'warn' | 'bad' | 'quiet';

const marks: Readonly<Record<Tone, string>> = { good: '●', warn: '▲', bad: '◆', quiet: '○' };

/** A word with a mark of its own shape, so that it is told apart without colour. */
export function Status(props: {
  readonly tone: Tone;
  readonly label: string;
  readonly hint?: string | null;
}): ReactElement {
  const { tone, label, hint = null } = props;
  return (
    <span className={`status ${tone}`} {...(hint === null ? {} : { title: hint })}>
      <span aria-hidden="true">{marks[tone]}</span>
      {label}
    </span>
  );
}

/** Of an estimate: `ok`, `drift` or `remeasure`; `wide` where nothing is wrong but the interval says little. */
export function EstimateStatus(props: {
  readonly status: string;
  readonly reason: string | null;
  /** Measuring is advised, and was not done. */
  readonly advised?: boolean;
}): ReactElement {
  const { status, reason, advised = false } = props;
  if (status === 'ok' && advised) {
    const hint = 'The interval is too wide to act on: measure the task at this checkpoint';
    return <Status tone="warn" label="wide" hint={hint} />;
  }
  if (status === 'ok') return <Status tone="good" label="ok" hint={reason} />;
  if (status === 'remeasure') return <Status tone="warn" label="re-measure" hint={reason} />;
  return <Status tone="bad" label={status} hint={reason} />;
}

export function Verdict(props: {
  readonly verdict: 'predictable' | 'not-predictable' | null;
  readonly reason?: string | null;
}): ReactElement {
  const { verdict, reason = null } = props;
  if (verdict === 'predictable') return <Status tone="good" label="predictable" hint={reason} />;
  if (verdict === null) return <Status tone="quiet" label="unreadable" hint={reason} />;
  return <Status tone="quiet" label="not predictable" hint={reason} />;
}
