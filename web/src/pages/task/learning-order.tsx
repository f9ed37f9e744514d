import * as Plot from '@observablehq/plot';
import { type ReactElement, useCallback, useMemo } from 'react';
import type { ItemMatrix } from '../../../../src/wire/index.ts';
import { type Palette, PlotFigure } from '../../charts/index.ts';
import { howMany, points, withinRun } from '../../format/index.ts';
import { shortNames } from './short-names.ts';

type Learned = {
  readonly place: number;
  readonly checkpoint: string;
  readonly new: number;
  readonly all: number;
};

/** How many questions are solved from each checkpoint on. */
export function LearningOrder({ matrix }: { readonly matrix: ItemMatrix }): ReactElement {
  const learned = useMemo(() => countLearned(matrix), [matrix]);
  const names = useMemo(() => shortNames(matrix.checkpoints), [matrix]);
  const total = matrix.items.length;
  const draw = useCallback(
    (palette: Palette): Plot.PlotOptions => ({
      x: { label: 'checkpoint', ticks: 6, tickFormat: (place: number) => names[place] ?? '' },
      y: { label: 'questions', grid: true, ticks: 5, domain: [0, total] },
      marks: [
        Plot.areaY(learned, {
          x: 'place',
          y: 'all',
          curve: 'step-after',
          fill: palette.probed,
          fillOpacity: 0.14,
        }),
        Plot.lineY(learned, { x: 'place', y: 'all', curve: 'step-after', stroke: palette.probed }),
        Plot.ruleX(learned, {
          x: 'place',
          y1: 0,
          y2: 'new',
          stroke: palette.measured,
          strokeWidth: 3,
        }),
      ],
    }),
    [learned, names, total],
  );
  const last = learned.at(-1)?.all ?? 0;
  return (
    <PlotFigure
      title={`Learning order of ${matrix.task} in ${matrix.run}`}
      heading="Solved from here on"
      note={`${last} of ${howMany(total, 'question')}`}
      summary={`${last} of ${total} questions are solved by the last checkpoint, ${points(total === 0 ? 0 : last / total)} in a hundred. Solved: a rate of at least one half wherever it is known from there on.`}
      legend={[
        { label: 'solved from here on', color: 'var(--probed)', mark: 'line' },
        { label: 'new at this checkpoint', color: 'var(--measured)', mark: 'tick' },
      ]}
      height={230}
      points={learned.map(({ place, checkpoint, all, new: fresh }) => ({
        x: place,
        y: all,
        series: 'solved',
        text: `${withinRun(checkpoint)}\n${all} solved, ${fresh} new`,
      }))}
      table={{
        columns: ['item', 'first solved at', 'mean rate'],
        rows: [...matrix.items]
          .sort((a, b) => (a.firstSolved ?? Infinity) - (b.firstSolved ?? Infinity))
          .map(({ item, firstSolved, mean }) => [
            item,
            firstSolved === null ? null : (matrix.checkpoints[firstSolved]?.checkpoint ?? null),
            mean,
          ]),
      }}
      draw={draw}
    />
  );
}

function countLearned({ items, checkpoints }: ItemMatrix): Learned[] {
  const fresh = checkpoints.map(() => 0);
  for (const { firstSolved } of items) {
    if (firstSolved !== null) fresh[firstSolved] = (fresh[firstSolved] ?? 0) + 1;
  }
  let all = 0;
  return checkpoints.map(({ checkpoint }, place) => {
    const added = fresh[place] ?? 0;
    all += added;
    return { place, checkpoint, new: added, all };
  });
}
