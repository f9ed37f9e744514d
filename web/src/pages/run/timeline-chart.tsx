import { type ReactElement, useCallback, useMemo } from 'react';
import { type Palette, PlotFigure, usePalette } from '../../charts/index.ts';
import { points } from '../../format/index.ts';
import { type TimelineFrame, timelineLegend, timelineOptions } from './timeline-marks.ts';
import type { TimelineModel } from './timeline-model.ts';
import { readablePoints, summaryOf, timelineTable } from './timeline-words.ts';

export function TimelineChart(props: {
  readonly run: string;
  readonly model: TimelineModel;
  readonly frame: TimelineFrame;
  /** Where the heading of a small one leads. */
  readonly address: string | null;
}): ReactElement {
  const { run, model, frame, address } = props;
  const palette = usePalette();
  const draw = useCallback(
    (colors: Palette, width: number) => timelineOptions(model, frame, { palette: colors, width }),
    [model, frame],
  );
  const readable = useMemo(() => readablePoints(model), [model]);
  const table = useMemo(() => timelineTable(model), [model]);
  return (
    <PlotFigure
      title={`${model.task} of ${run}`}
      heading={address === null ? model.task : <a href={address}>{model.task}</a>}
      note={<LatestNumbers model={model} />}
      summary={summaryOf(model)}
      legend={timelineLegend([model], palette)}
      compact={frame.small}
      height={frame.small ? 150 : 380}
      points={readable}
      table={table}
      draw={draw}
    />
  );
}

function LatestNumbers({ model }: { readonly model: TimelineModel }): ReactElement {
  const measured = model.measured.at(-1);
  const probed = model.probed.at(-1);
  const fitted = model.fitted.at(-1);
  return (
    <>
      {measured === undefined ? null : (
        <span className="measured-ink">{points(measured.of.accuracy)}</span>
      )}{' '}
      {probed !== undefined ? (
        <span className="probed-ink">
          {points(probed.of.predicted)} ±{points((probed.of.high - probed.of.low) / 2)}
        </span>
      ) : fitted !== undefined ? (
        <span className="probed-ink">{points(fitted.of.predicted)} fitted</span>
      ) : null}
    </>
  );
}
