import * as Plot from '@observablehq/plot';
import type { Palette } from '../../charts/index.ts';
import type { TimelineModel } from './timeline-model.ts';

type PlacedName = {
  /** Where its line is, in pixels. */
  readonly line: number;
  /** Where the name begins. */
  readonly x: number;
  readonly text: string;
};

/** Characters of the names are about so wide at most, in pixels. */
const characterWidth = 5.2;
const gap = 8;
const fromLine = 3;

/** Names of stages beside the lines where they begin, above the chart. */
export function stageNames(stages: TimelineModel['stages'], palette: Palette): Plot.Markish {
  const joined: Plot.InitializerFunction = (
    ...[data, facets, , { x: scale }, { width, marginRight }]
  ) => {
    const placed = stages.map(({ x, stage }) => ({ line: Number(scale?.(x)), text: stage }));
    const names = joinNames(placed, width - marginRight);
    const none = stages.slice(names.length).map(() => null);
    return {
      ...{ data, facets },
      channels: {
        x: { value: [...names.map((name) => name.x), ...none], scale: null },
        text: { value: [...names.map(({ text }) => text), ...none] },
      },
    };
  };
  return Plot.text(
    stages,
    Plot.initializer(
      {
        ...{ x: 'x', text: 'stage', frameAnchor: 'top', textAnchor: 'start', dy: -14 },
        fill: palette.quiet,
      },
      joined,
    ),
  );
}

/** Those that would hide each other stand together, and none goes beyond the right edge. */
export function joinNames(
  names: readonly { readonly line: number; readonly text: string }[],
  right: number,
): PlacedName[] {
  const placed: PlacedName[] = [];
  for (const name of names) {
    let own = place(name, right);
    let before = placed.at(-1);
    while (before !== undefined && before.x + widthOf(before.text) + gap > own.x) {
      own = place({ line: before.line, text: `${before.text} · ${own.text}` }, right);
      placed.pop();
      before = placed.at(-1);
    }
    placed.push(own);
  }
  return placed;
}

function place({ line, text }: Omit<PlacedName, 'x'>, right: number): PlacedName {
  return { line, text, x: Math.max(0, Math.min(line + fromLine, right - widthOf(text))) };
}

function widthOf(text: string): number {
  return text.length * characterWidth;
}
