import type { ReactElement } from 'react';
import type { Rgb } from './color-scale.ts';

/** What the shades of a heat map mean. */
export function Ramp(props: {
  readonly scale: (share: number) => Rgb;
  readonly from: string;
  readonly to: string;
}): ReactElement {
  const { scale, from, to } = props;
  const parts = Array.from({ length: 24 }, (_, index) => index);
  return (
    <span className="ramp">
      {from}
      <svg aria-hidden="true" width="96" height="9" viewBox="0 0 96 9">
        {parts.map((index) => (
          <rect
            key={index}
            x={4 * index}
            width="4.2"
            height="9"
            fill={`rgb(${scale(index / 23).join(',')})`}
          />
        ))}
      </svg>
      {to}
    </span>
  );
}
