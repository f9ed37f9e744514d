import { UserError } from '../../error/index.ts';
import type { CommandDefinition, CommandOutput } from '../command.ts';
import { optionalFlag, optionalText } from '../options.ts';
import { renderAlerts } from '../render/watch-tables.ts';
import type { CliSession } from '../session.ts';

export const alertsCommand: CommandDefinition = {
  usage: 'alerts [action] [id]',
  summary: 'what needs a person: alerts, alerts --all; alerts acknowledge ID',
  configure: (command) => {
    command
      .option('--all', 'with those that are over')
      .option('--by <name>', 'with acknowledge: who has seen it');
  },
  run: async ([action, id], options, session) => {
    if (action === undefined) return await listAlerts(optionalFlag(options, 'all'), session);
    if (action === 'acknowledge' && id !== undefined) {
      return await acknowledge(id, optionalText(options, 'by'), session);
    }
    const got = [action, id].filter((part) => part !== undefined).join(' ');
    throw new UserError(`alerts: expected nothing, or acknowledge ID, got \`${got}\``);
  },
};

async function listAlerts(withClosed: boolean, session: CliSession): Promise<CommandOutput> {
  const store = await session.store();
  const alerts = (await store.alerts.list()).filter(
    ({ closedAt }) => withClosed || closedAt === null,
  );
  const none = withClosed ? 'no alerts' : 'no open alerts';
  return { json: { alerts }, text: () => (alerts.length === 0 ? none : renderAlerts(alerts)) };
}

async function acknowledge(
  id: string,
  name: string | null,
  session: CliSession,
): Promise<CommandOutput> {
  const store = await session.store();
  const alert = await store.alerts.acknowledge(id, { at: new Date(), name });
  return { json: { alert }, text: () => renderAlerts([alert]) };
}
