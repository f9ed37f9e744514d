import { residualInterval } from '../estimate/index.ts';
import { recencyWeight } from './recency.ts';

/** What is watched: mean components of the states, mean predicted log odds, disagreement of an ensemble's members. */
export const DRIFT_SIGNALS = ['features', 'score', 'disagreement'] as const;

export type DriftSignal = (typeof DRIFT_SIGNALS)[number];

/** A move between an earlier fitted checkpoint and a later one, as a probe fitted up to the earlier one sees it. */
export type DriftMove = {
  readonly signal: DriftSignal;
  readonly value: number;
  readonly horizon: number;
  /** Distance from the earlier checkpoint to the latest fitted one. */
  readonly age: number;
};

/** When a signal is an alarm: part of the card. */
export type DriftRule = {
  /** Share of tasks that sound false alarms, all signals together; null where too little of the past is known. */
  readonly falseAlarmRate: number | null;
  /** Shortest distance that the limits are for: nearer checkpoints count as this. */
  readonly shortest: number;
  /** A signal is beyond its limit above limit · horizon^growth. */
  readonly signals: readonly {
    readonly name: DriftSignal;
    readonly limit: number;
    readonly growth: number;
    /** Past moves that the limit comes from. */
    readonly moves: number;
  }[];
  readonly method: string;
};

/** Fitted checkpoints that the limits can be learned from; with fewer a rule of thumb stands in. */
export const FEWEST_FITTED = 4;

const FALSE_ALARM_RATE = 0.05;

/** As fast as errors: while training goes on scores move with log tokens. At 0.5, a random walk's, 10 % were false alarms. */
const GROWTH = 1;

/** Rule of thumb: a mean may lie this many times farther from the latest fitted one than any two of these apart. */
const FACTOR = 1.5;

/** With a single fitted checkpoint: this many times the spread of the task's questions. */
const SPREADS = 2;

/**
 * Limits from past moves (weighted conformal quantiles of value / horizon, the latest weighing most). The signals share the
 * false-alarm rate. With few moves the quantile is Student's t, which assumes that they are normal about 0.
 */
export function driftRule(moves: readonly DriftMove[], rate: number = FALSE_ALARM_RATE): DriftRule {
  const names = DRIFT_SIGNALS.filter((name) => moves.some(({ signal }) => signal === name));
  const signals = names.map((name) => {
    const past = moves.filter(({ signal }) => signal === name);
    const { halfWidth } = residualInterval(
      past.map(({ value, horizon, age }) => {
        return { predicted: 0, measured: value, horizon, weight: recencyWeight(age) };
      }),
      { horizon: 1, level: 1 - rate / names.length, growth: GROWTH },
    );
    return { name, limit: halfWidth ?? 0, growth: GROWTH, moves: past.length };
  });
  return {
    falseAlarmRate: rate,
    shortest: moves.reduce((least, { horizon }) => Math.min(least, horizon), Infinity),
    signals,
    method:
      'earlier fitted checkpoints replayed: each later one is compared with it by a probe that saw no more than it; limits ' +
      `are quantiles of these moves over distance, ${rate} false alarms a task shared by ${names.length} signals, the latest ` +
      'moves weighing most; assumes that training moves on as it did',
  };
}

/** The rule where too few checkpoints are fitted for the past to set limits: features alone. */
export function thumbRule(checkpoints: number): DriftRule {
  const [limit, than] =
    checkpoints === 1
      ? [SPREADS, 'the questions of a task lie apart at the one fitted checkpoint']
      : [FACTOR, `any two of the ${checkpoints} fitted checkpoints lie apart`];
  return {
    falseAlarmRate: null,
    shortest: 0,
    signals: [{ name: 'features', limit, growth: 0, moves: 0 }],
    method:
      `no past moves (they take ${FEWEST_FITTED} fitted checkpoints): a rule of thumb without a false-alarm rate, mean components alone, ` +
      `${limit} times as far as ${than}`,
  };
}
