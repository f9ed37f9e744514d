import type { Markish } from '@observablehq/plot';
import { computeAxis, percent, percentAxis } from './axes.ts';
import { type Drawing, frameTop, startDrawing, writeSvg } from './drawing.ts';
import { hasLogarithm, logAxis } from './log-axis.ts';
import { hues, palette } from './palette.ts';
import { printable, shorten } from './printable.ts';
import { spreadLabels } from './spread-labels.ts';

/** Clusters of questions that learn alike. `rate` is the mean pass rate of a cluster's questions, 0 to 1; `size` their
 *  number; `law` the fitted curve up to the target; `reason` says why a cluster was not kept. */
export type ClusterFigure = {
  readonly title: string;
  readonly clusters: readonly {
    readonly label: string;
    readonly size: number;
    readonly kept: boolean;
    readonly reason: string | null;
    readonly points: readonly { readonly flops: number; readonly rate: number }[];
    readonly law: readonly { readonly flops: number; readonly rate: number }[];
  }[];
  readonly targetFlops: number;
};

type Cluster = ClusterFigure['clusters'][number];
type Point = Cluster['points'][number];

const width = 820;
const margins = { marginTop: 12, marginRight: 190, marginBottom: 36, marginLeft: 44 };
const lineHeight = 14;
/** Of a cluster's name; with its size it fits the right margin. */
const mostCharacters = 20;

/** All clusters in one frame as a standalone SVG file: points, laws, and the clusters' names at the right end. */
export async function clusterSvg(figure: ClusterFigure): Promise<string> {
  const drawing = await startDrawing();
  const { plots } = drawing;
  const axis = logAxis(
    [
      ...figure.clusters.flatMap((c) => [...c.points, ...c.law].map((p) => p.flops)),
      figure.targetFlops,
    ],
    8,
  );
  const height = Math.max(400, 60 + lineHeight * figure.clusters.length);
  const colours = clusterColours(figure.clusters);
  const marks: Markish[] = [
    ...percentAxis(plots),
    ...computeAxis(plots, axis.ticks),
    plots.ruleX([figure.targetFlops].filter(hasLogarithm), { stroke: palette.quiet }),
    // What was not kept lies below what was.
    ...[false, true].flatMap((kept) =>
      figure.clusters.flatMap((cluster, index) =>
        cluster.kept === kept ? drawCluster(drawing, cluster, colours[index] ?? palette.ink) : [],
      ),
    ),
    ...drawNames(drawing, figure.clusters, colours, height),
  ];
  const chart = drawing.chart(
    {
      ...margins,
      width,
      height,
      marks,
      x: { type: 'log', domain: [axis.low, axis.high] },
      y: { domain: [0, 100] },
    },
    { x: 0, y: frameTop },
  );
  const frame = {
    width,
    height: frameTop + height,
    title: figure.title,
    subtitle:
      'mean pass rate (%) over training compute (FLOPs, logarithmic); vertical line: target; grey: not kept',
  };
  return writeSvg(drawing, frame, [chart]);
}

function clusterColours(clusters: readonly Cluster[]): readonly string[] {
  let kept = 0;
  return clusters.map((cluster) =>
    cluster.kept ? (hues[kept++ % hues.length] ?? palette.ink) : palette.refused,
  );
}

function drawCluster({ plots }: Drawing, cluster: Cluster, colour: string): readonly Markish[] {
  const title = (): string => describeCluster(cluster);
  const place = {
    x: (point: Point): number => point.flops,
    y: (point: Point): number => percent(point.rate),
  };
  const law = cluster.law.filter((point) => hasLogarithm(point.flops));
  return [
    plots.lineY(law, {
      ...place,
      z: null,
      stroke: colour,
      strokeWidth: cluster.kept ? 2 : 1.2,
      ...(cluster.kept ? {} : { strokeDasharray: '4 3' }),
      title,
    }),
    plots.dot(
      cluster.points.filter((point) => hasLogarithm(point.flops)),
      {
        ...place,
        // Area stands for the number of questions, within what can be told apart in one frame.
        r: Math.min(7, 2 + Math.sqrt(cluster.size) / 4),
        fill: colour,
        fillOpacity: 0.85,
        stroke: palette.ground,
        strokeWidth: 0.7,
        title,
      },
    ),
  ];
}

/** Names stand beside the line's last point, moved apart where lines end close together. */
function drawNames(
  { plots }: Drawing,
  clusters: readonly Cluster[],
  colours: readonly string[],
  height: number,
): readonly Markish[] {
  const space = height - margins.marginTop - margins.marginBottom;
  const wanted = clusters.map((cluster) => {
    const last = cluster.law.at(-1) ?? cluster.points.at(-1);
    return (1 - percent(last?.rate ?? 0) / 100) * space;
  });
  const places = spreadLabels(wanted, lineHeight, space);
  return clusters.map((cluster, index) =>
    plots.text([printable(`${shorten(cluster.label, mostCharacters)} (${cluster.size})`)], {
      frameAnchor: 'top-right',
      textAnchor: 'start',
      lineAnchor: 'middle',
      dx: 8,
      dy: places[index] ?? 0,
      fontSize: 11,
      fill: colours[index] ?? palette.ink,
      title: () => describeCluster(cluster),
    }),
  );
}

function describeCluster({ label, size, kept, reason }: Cluster): string {
  const fate = kept ? '' : `; not kept${reason === null ? '' : `: ${reason}`}`;
  return printable(`${label}: ${size} questions${fate}`);
}
