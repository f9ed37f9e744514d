import { UserError } from '../../error/index.ts';
import type { CommandDefinition } from '../command.ts';
import { renderCard } from '../render/card.ts';

export const probeCommand: CommandDefinition = {
  usage: 'probe <action> <name>',
  summary: 'probe show NAME: a probe’s card',
  configure: () => undefined,
  run: async ([action = '', name = ''], _options, session) => {
    const { showProbe } = await import('../../jobs/index.ts');
    if (action !== 'show') throw new UserError(`probe: expected \`show\`, got \`${action}\``);
    const { card, origin } = await showProbe(await session.store(), name);
    return { json: { card, origin }, text: () => renderCard(card, origin.suite) };
  },
};
