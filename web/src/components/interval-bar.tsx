/** A task's accuracy on a line from 0 to 100 points: predicted with its band, measured with its error, guessing as a tick. */
import type { ReactElement } from 'react';

export type IntervalBarProps = {
  readonly predicted: {
    readonly value: number;
    readonly low: number;
    readonly high: number;
  } | null;
  readonly measured: {
    readonly value: number;
    readonly low: number | null;
    readonly high: number | null;
    /** Measured at an earlier checkpoint: a ring. */
    readonly earlier: boolean;
  } | null;
  readonly chance: number | null;
};

const width = 160;
const height = 16;
const middle = height / 2;
const inset = 4;

/** The cells beside it say the same in numbers, so that it is hidden from who hears the page. */
export function IntervalBar({ predicted, measured, chance }: IntervalBarProps): ReactElement {
  return (
    <svg className="interval-bar" aria-hidden="true" viewBox={`0 0 ${width} ${height}`}>
      <path className="track" d={`M${at(0)} ${middle}H${at(1)}`} />
      {[0, 0.25, 0.5, 0.75, 1].map((share) => (
        <path key={share} className="track" d={`M${at(share)} ${middle - 2}v4`} />
      ))}
      {chance === null || chance === 0 ? null : (
        <path className="chance" d={`M${at(chance)} 2v12`} />
      )}
      {predicted === null ? null : <PredictedBand {...predicted} />}
      {measured === null ? null : <MeasuredDot {...measured} />}
    </svg>
  );
}

function PredictedBand(props: { value: number; low: number; high: number }): ReactElement {
  const { value, low, high } = props;
  return (
    <g className="probed">
      <rect
        x={at(low)}
        y={middle - 5}
        width={Math.max(at(high) - at(low), 1)}
        height={10}
        rx={1.5}
      />
      <path d={`M${at(value)} ${middle - 6}v12`} />
    </g>
  );
}

function MeasuredDot(props: NonNullable<IntervalBarProps['measured']>): ReactElement {
  const { value, low, high, earlier } = props;
  return (
    <g className={earlier ? 'measured earlier' : 'measured'}>
      {low === null || high === null ? null : <path d={`M${at(low)} ${middle}H${at(high)}`} />}
      <circle cx={at(value)} cy={middle} r={3.2} />
    </g>
  );
}

function at(share: number): number {
  return inset + Math.min(Math.max(share, 0), 1) * (width - 2 * inset);
}
