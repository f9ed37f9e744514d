import type { ProbeCard } from '../../jobs/index.ts';
import { fixed, points } from './format.ts';
import { renderTable } from './table.ts';

/** A probe's card: what it was fitted on, what was chosen and why, what it is not good for. */
export function renderCard(card: ProbeCard, suite: string): string {
  const { split, checkpoints, representation, selection, limits } = card;
  const own = Object.entries(card.heads).filter(([name]) => !name.includes('.'));
  const architectures = [...new Set(own.map(([, head]) => head.spec.architecture))];
  const asked = card.architecture === 'auto' ? ' (chosen by validation)' : '';
  const ids = checkpoints.map(({ id }) => id);
  const states =
    representation === null
      ? 'none'
      : `${representation.pool} of layers ${representation.layers.join(', ')}, standardised per ${representation.standardise === 'none' ? 'fitted set' : representation.standardise}`;
  return [
    `probe ${card.name} on suite ${suite}: ${architectures.join(' and ')}${asked}, seed ${card.seed}`,
    `  fitted on ${ids.length} checkpoint${ids.length === 1 ? '' : 's'}: ${ids.join(', ')}`,
    `  questions: ${split.seen.length} learned from, ${split.unseen.length} held out`,
    `  states: ${states}`,
    '',
    'Choice, by validation on the latest labelled checkpoint:',
    '',
    renderTable(
      [
        { title: 'choice', align: 'left' },
        { title: 'candidate', align: 'left' },
        { title: 'AUROC' },
        { title: 'MSE' },
        { title: '|level error| (points)' },
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
    ),
    '',
    'Limits:',
    ...limits.map((limit) => `- ${limit}`),
  ].join('\n');
}
