import type { ReactElement } from 'react';
import { Empty } from '../components/index.ts';

export type KnownPage = { readonly name: string; readonly address: string };

const most = 20;

/** An address that names something that there is not: what there is instead, to go on from. */
export function Unknown(props: {
  /** In words: `run`. */
  readonly what: string;
  readonly asked: string;
  readonly known: readonly KnownPage[];
}): ReactElement {
  const { what, asked, known } = props;
  const shown = known.slice(0, most);
  return (
    <Empty title={`There is no ${what} ${asked}`}>
      {known.length === 0 ? `There is no ${what} at all yet. ` : `Known are: `}
      {shown.map(({ name, address }, index) => (
        <span key={address}>
          {index === 0 ? '' : ', '}
          <a href={address}>{name}</a>
        </span>
      ))}
      {known.length > most ? ` and ${known.length - most} more` : ''}
      {known.length === 0 ? <a href="#/overview">Go to the overview</a> : null}.
    </Empty>
  );
}
