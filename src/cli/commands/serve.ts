import { once } from 'node:events';
import { userWords } from '../../error/index.ts';
import type { CommandDefinition } from '../command.ts';
import { setting } from '../environment.ts';
import { commaList, wholeNumber } from '../option-parsers.ts';
import { numberOption, optionalList, requiredText } from '../options.ts';

export const serveCommand: CommandDefinition = {
  usage: 'serve',
  summary: 'the dashboard and the HTTP API, until it is interrupted',
  configure: (command) => {
    command
      .option(
        '--host <address>',
        'where to listen; another address than this machine’s own needs SONDE_TOKEN',
        '127.0.0.1',
      )
      .option(
        '--port <n>',
        'the port; 0: one that is free',
        wholeNumber('--port', { min: 0, max: 65_535 }),
        7373,
      )
      .option(
        '--allow-host <names>',
        'more names under which it is reached, of a proxy or a tunnel: a,b',
        commaList('--allow-host'),
      );
  },
  run: async (_positional, options, session) => {
    const { startService } = await import('../../service/index.ts');
    const service = await startService(
      await session.store(),
      {
        host: requiredText(options, 'host'),
        port: numberOption(options, 'port'),
        allowHosts: optionalList(options, 'allowHost') ?? [],
        token: setting(session, 'SONDE_TOKEN'),
        onError: (error) => session.note(`a request failed: ${describe(error)}`),
      },
      session,
    );
    session.note(`dashboard on ${service.url} (store ${session.storeDir}); Ctrl-C ends it`);
    if (!session.signal.aborted) await once(session.signal, 'abort');
    await service.close();
    return { json: { url: service.url }, text: () => '' };
  },
};

/** In one line; with its place in the code where only we can mend it. */
function describe(error: unknown): string {
  const words = userWords(error);
  if (words !== null) return words;
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack = message } = error;
  // What a request is refused with is in the user's words; its class would load the service with every command.
  return name === 'HttpError' ? message : stack.replaceAll(/\s*\n\s*/g, ' | ');
}
