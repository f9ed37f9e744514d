import type { ProbeCard } from '../../jobs/index.ts';
import { renderCardScores } from './card-scores.ts';
import { count, fixed, points } from './format.ts';
import { renderTable } from './table.ts';
import { wrapped } from './wrapped.ts';

/** What of a card is shown; the rest is in the JSON. */
export type ShownCard = Pick<
  ProbeCard,
  | 'name'
  | 'architecture'
  | 'seed'
  | 'tasks'
  | 'layout'
  | 'checkpoints'
  | 'split'
  | 'representation'
  | 'selection'
  | 'scores'
  | 'calibration'
  | 'limits'
> & {
  readonly heads: Readonly<
    Record<string, { readonly spec: Pick<ProbeCard['heads'][string]['spec'], 'architecture'> }>
  >;
  readonly errorModel: Pick<ProbeCard['errorModel'], 'method'>;
};

/** A probe's card: what it was fitted on, what was chosen and why, how well it did, what it is not good for. */
export function renderCard(card: ShownCard, suite: string): string {
  return [
    renderHead(card, suite),
    ...renderCardScores(card),
    `Choice, by validation on the latest labelled checkpoint:\n\n${renderSelection(card)}`,
    `Data:\n\n${renderData(card)}`,
    ['Limits:', ...card.limits.map((limit) => wrapped(`- ${limit}`, 2))].join('\n'),
  ].join('\n\n');
}

function renderHead(card: ShownCard, suite: string): string {
  const { split, representation, errorModel, layout } = card;
  const own = Object.entries(card.heads).filter(([name]) => !name.includes('.'));
  const architectures = [...new Set(own.map(([, head]) => head.spec.architecture))];
  const asked = card.architecture === 'auto' ? ' (chosen by validation)' : '';
  const states =
    representation === null
      ? 'none'
      : `${representation.pool} of layers ${representation.layers.join(', ')}, standardised per ${representation.standardise === 'none' ? 'fitted set' : representation.standardise}${alignmentOf(representation)}`;
  return [
    `probe ${card.name} on suite ${suite}: ${architectures.join(' and ')}${asked}, seed ${card.seed}`,
    `  fitted on: ${fittedOn(card)}`,
    `  questions: ${split.seen.length} learned from, ${split.unseen.length} held out; ${plural(card.tasks.length, 'task')}`,
    wrapped(`  states:    ${states}${layout.precision === 'int8' ? '; in int8' : ''}`, 13),
    wrapped(`  corrected: ${correctionOf(card)}`, 13),
    wrapped(`  intervals: ${errorModel.method}`, 13),
  ].join('\n');
}

function alignmentOf({ align }: NonNullable<ShownCard['representation']>): string {
  return align === 'none' ? '' : `, aligned (${align})`;
}

/** `platt calibration (slope 0.91, intercept 0.20), learned from 5040 replayed predictions of 4 cuts`. */
function correctionOf({ calibration }: ShownCard): string {
  if (calibration === null) return 'no calibration';
  const { map, cuts, questions } = calibration;
  const from = `learned from ${plural(questions, 'replayed prediction')} of ${plural(cuts, 'cut')}`;
  return `${map.method} calibration (${shapeOf(map)}), ${from}`;
}

function shapeOf(map: NonNullable<ShownCard['calibration']>['map']): string {
  switch (map.method) {
    case 'platt':
      return `slope ${map.slope.toFixed(2)}, intercept ${map.intercept.toFixed(2)}`;
    case 'beta':
      return `a ${map.a.toFixed(2)}, b ${map.b.toFixed(2)}, c ${map.c.toFixed(2)}`;
    case 'isotonic':
      return plural(map.x.length, 'point');
  }
}

/** `3 checkpoints, steps 286 … 573, stage pretrain`. */
function fittedOn({ checkpoints }: ShownCard): string {
  const steps = checkpoints.flatMap(({ step }) => step ?? []);
  const stages = [...new Set(checkpoints.map(({ stage }) => stage ?? 'unknown'))];
  const range = [...new Set([Math.min(...steps), Math.max(...steps)])].join(' … ');
  return [
    plural(checkpoints.length, 'checkpoint'),
    ...(steps.length === 0 ? [] : [`step${steps.length === 1 ? '' : 's'} ${range}`]),
    `stage${stages.length === 1 ? '' : 's'} ${stages.join(', ')}`,
  ].join(', ');
}

function renderSelection({ selection }: ShownCard): string {
  return renderTable(
    [
      { title: 'choice', align: 'left' },
      { title: 'candidate', align: 'left' },
      { title: 'AUROC' },
      { title: 'MSE' },
      { title: '|level| (pts)' },
      { title: '', align: 'left' },
    ],
    selection.map((row) => [
      row.stage,
      row.candidate,
      fixed(row.auroc),
      fixed(row.mse, 4),
      points(row.levelError),
      row.chosen ? 'chosen' : '',
    ]),
  );
}

/** Digits of a hash that tell it from others at a glance; the whole of it is in the JSON. */
const DIGITS = 12;

function renderData({ checkpoints, layout }: ShownCard): string {
  const table = renderTable(
    [
      { title: 'checkpoint', align: 'left' },
      { title: 'step' },
      { title: 'tokens' },
      { title: 'stage', align: 'left' },
      { title: 'asked as', align: 'left' },
      { title: 'weights', align: 'left' },
    ],
    checkpoints.map(({ id, step, tokens, stage, rendering, fingerprint }) => [
      id,
      `${step ?? '–'}`,
      count(tokens),
      stage ?? '–',
      rendering ?? '–',
      fingerprint?.slice(0, DIGITS) ?? '–',
    ]),
  );
  const { hidden, layers, suiteHash, tokenizerHash } = layout;
  const hashes = `questions ${suiteHash.slice(0, DIGITS)}, tokenizer ${tokenizerHash.slice(0, DIGITS)}`;
  return `${table}\n\n${hashes}; states of ${layers} layers × ${hidden}`;
}

function plural(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
