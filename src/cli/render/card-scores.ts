import type { ProbeCard } from '../../jobs/index.ts';
import { fixed, points } from './format.ts';
import { renderTable } from './table.ts';
import { wrapped } from './wrapped.ts';

type Scored = Pick<ProbeCard, 'scores' | 'checkpoints'>;
type CardScores = NonNullable<ProbeCard['scores']>;
type Row = CardScores['rows'][number];
type Metric = 'auroc' | 'mse' | 'levelError';

/** What the probe scored in validation: means beside every baseline, then each task beside the best one, then calibration. */
export function renderCardScores(card: Scored): string[] {
  const { scores } = card;
  if (scores === null) return ['Scores: none, too few labels were left to compare with.'];
  const left = scores.rows.filter(({ split }) => split === 'unseen');
  const known = scores.rows.filter(({ split }) => split === 'seen');
  return [
    `${wrapped(whatWasScored(card, scores))}\n\n${renderMeans(scores)}`,
    ...(left.length === 0 ? [] : [`Questions left out, by task:\n\n${renderTasks(left)}`]),
    ...(known.length === 0 ? [] : [`Known questions, by task:\n\n${renderTasks(known)}`]),
    describeCalibration(scores),
  ];
}

function whatWasScored(card: Scored, { checkpoint, learnedUpTo }: CardScores): string {
  const named = (id: string): string => {
    const { step = null, stage = null } = card.checkpoints.find((one) => one.id === id) ?? {};
    const facts = [...(step === null ? [] : [`step ${step}`]), ...(stage === null ? [] : [stage])];
    return facts.length === 0 ? id : `${id} (${facts.join(', ')})`;
  };
  const learned =
    checkpoint === learnedUpTo
      ? 'learned from two thirds of the questions there'
      : `learned up to ${named(learnedUpTo)} from two thirds of the questions`;
  return `Validated on ${named(checkpoint)}, ${learned}; means over tasks:`;
}

function renderMeans({ summary }: CardScores): string {
  const { unseen, seen } = summary;
  const names = Object.keys((unseen ?? seen)?.baselines ?? {}) as (keyof Row['baselines'])[];
  const cells = (of: Pick<Row, Metric> | undefined): string[] => [
    fixed(of?.auroc ?? null),
    fixed(of?.mse ?? null),
    points(of?.levelError ?? null),
  ];
  return renderTable(
    [
      { title: '', align: 'left' },
      { title: 'left out: AUROC' },
      { title: 'MSE' },
      { title: '|level| (pts)' },
      { title: 'known: AUROC' },
      { title: 'MSE' },
      { title: '|level| (pts)' },
    ],
    [
      ['probe', ...cells(unseen ?? undefined), ...cells(seen ?? undefined)],
      ...names.map((name) => [
        `  ${name}`,
        ...cells(unseen?.baselines[name]),
        ...cells(seen?.baselines[name]),
      ]),
    ],
  );
}

function renderTasks(rows: readonly Row[]): string {
  const best = { title: 'best baseline', align: 'left' } as const;
  return renderTable(
    [
      { title: 'task', align: 'left' },
      { title: 'items' },
      { title: 'AUROC' },
      best,
      { title: 'MSE' },
      best,
      { title: 'level (pts)' },
      best,
    ],
    rows.map((row) => [
      row.task,
      `${row.items}`,
      fixed(row.auroc, 2),
      bestBaseline(row, 'auroc'),
      fixed(row.mse),
      bestBaseline(row, 'mse'),
      points(row.levelError),
      bestBaseline(row, 'levelError'),
    ]),
  );
}

/** The baseline that did best at this very task, with its score: chosen afterwards, so it is a high bar. */
function bestBaseline({ baselines }: Row, metric: Metric): string {
  const badness = (score: number): number => (metric === 'auroc' ? -score : Math.abs(score));
  const known = Object.entries(baselines).flatMap(([name, scores]) => {
    const score = scores[metric];
    return score === null ? [] : [{ name, score }];
  });
  const [best] = known.sort((a, b) => badness(a.score) - badness(b.score));
  if (best === undefined) return '–';
  const shown = {
    auroc: fixed(best.score, 2),
    mse: fixed(best.score),
    levelError: points(best.score),
  };
  return `${shown[metric]} ${best.name}`;
}

function describeCalibration({ calibration }: CardScores): string {
  if (calibration === null) return 'Calibration: fewer than two questions were left out.';
  const { questions, slope, intercept, debiasedError } = calibration;
  return wrapped(
    `Calibration on the ${questions} questions left out: slope ${fixed(slope, 2)} (1 is right, less is overconfident), intercept ${fixed(intercept, 2)} (0 is right), error ${points(debiasedError)} points (debiased).`,
  );
}
