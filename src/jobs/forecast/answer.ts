import {
  type BenchmarkForecast,
  type CodDescription,
  compareLadders,
  createLadderForecaster,
  type CurvePoint,
  describeCod,
  type Ladder,
  type LadderComparison,
  type MethodForecast,
  type Reach,
  reachAccuracy,
  type Target,
} from '../../forecast/index.ts';
import type { CollectedBenchmark } from './benchmarks.ts';
import type { CollectedLadders } from './collect-ladders.ts';
import type { ComputedCheckpoint } from './ladder-models.ts';
import { chosenName, methodsOr } from './method-names.ts';
import type { Monitoring } from './monitor.ts';
import { type ForecastTarget, targetOf } from './target.ts';

/** What to say of each benchmark. */
export type AnswerSettings = {
  /** Null: all but variants. */
  readonly methods: readonly string[] | null;
  /** Which compute reaches this accuracy? Above 0, below 1; null: not asked. */
  readonly reach: number | null;
  /** Bootstrap replicates behind an interval. */
  readonly replicates: number;
  readonly seed: number;
  /** Whether the curve from the smallest model to the target is wanted for drawing: of a single benchmark, of all. */
  readonly draw: 'none' | 'single' | 'all';
};

/** A model as a result names it. */
export type DescribedModel = {
  readonly checkpoint: string;
  readonly flops: number;
  readonly params: number | null;
  readonly paramsNonEmbedding: number | null;
  readonly tokens: number | null;
  readonly family: string | null;
  readonly stage: string | null;
};

export type ForecastedBenchmark = BenchmarkForecast & {
  readonly chance: number;
  /** What the forecast was made from. */
  readonly ladder: readonly {
    readonly checkpoint: string;
    readonly flops: number;
    readonly accuracy: number;
    readonly standardError: number | null;
  }[];
  /** The chosen method along the range that was asked for; null where only one compute was. */
  readonly curve: readonly CurvePoint[] | null;
  readonly reach: Reach | null;
  readonly against: LadderComparison | null;
  /** How COD sees the benchmark; null where it cannot. */
  readonly clusters: CodDescription | null;
  /** What the target scored, where it is known. No part of the forecast. */
  readonly measured: number | null;
  readonly monitoring: Monitoring | null;
};

/** One forecast of a suite: what was asked and what was found. */
export type Work = {
  readonly settings: AnswerSettings;
  readonly target: ForecastTarget;
  readonly collected: CollectedLadders;
  readonly against: CollectedLadders | null;
};

/** What is frozen: without anything that the target's own results say. */
export type Answer = Omit<ForecastedBenchmark, 'measured' | 'monitoring'>;
export type Answered = { readonly answer: Answer; readonly drawn: readonly CurvePoint[] };

/** The answer that Sonde stands behind. */
export function chosenOf({
  methods,
}: {
  readonly methods: readonly MethodForecast[];
}): MethodForecast {
  const chosen = methods.find(({ method }) => method === chosenName);
  if (chosen === undefined) throw new Error('forecast: no chosen method');
  return chosen;
}

export function describeModel({ id, facts, flops }: ComputedCheckpoint): DescribedModel {
  const { params, paramsNonEmbedding, tokens, family, stage } = facts;
  return { checkpoint: id, flops, params, paramsNonEmbedding, tokens, family, stage };
}

/** Everything that was asked of one benchmark, from one fit. */
export function answerOne(
  { settings, target, collected, against }: Work,
  benchmark: CollectedBenchmark,
): Answered {
  const { ladder } = benchmark;
  const { methods, replicates, seed, reach, draw } = settings;
  const options = { replicates, seed };
  const at = targetOf(target, collected.params);
  const other = against?.benchmarks.find((one) => one.ladder.task === ladder.task)?.ladder;
  const forecaster = createLadderForecaster(ladder, options);
  const isDrawn = draw === 'all' || (draw === 'single' && collected.benchmarks.length === 1);
  const answer: Answer = {
    ...forecaster.forecast(at, methodsOr(methods)),
    chance: ladder.chance,
    ladder: describePoints(ladder),
    curve: target.curve === null ? null : forecaster.along(target.curve),
    reach: reach === null ? null : reachAccuracy(forecaster, reach),
    against: other === undefined ? null : compareAt(ladder, other, at, options),
    clusters: describeCod(ladder, at, { seed }),
  };
  return { answer, drawn: isDrawn ? forecaster.along(drawnRange(ladder, target)) : [] };
}

function compareAt(
  a: Ladder,
  b: Ladder,
  { flops }: Target,
  options: { replicates: number; seed: number },
): LadderComparison {
  return compareLadders(a, b, { flops, params: null, tokens: null }, options);
}

function describePoints({ models, accuracy, variance }: Ladder): Answer['ladder'] {
  return models.map(({ checkpoint, flops }, index) => {
    const own = variance?.[index];
    return {
      checkpoint,
      flops,
      accuracy: accuracy[index] ?? 0,
      standardError: own === undefined ? null : Math.sqrt(own),
    };
  });
}

/** Points of a curve for drawing. */
const drawnPoints = 48;

/** From the smallest model to the target, or as far as a curve was asked for. */
function drawnRange({ models }: Ladder, { flops, curve }: ForecastTarget): number[] {
  const to = Math.max(flops, curve?.at(-1) ?? 0);
  const from = Math.min(models[0]?.flops ?? to, to);
  return Array.from(
    { length: drawnPoints },
    (_, index) => from * (to / from) ** (index / (drawnPoints - 1)),
  );
}
