import type { Notifier } from './notifier.ts';

/** Says alerts to the person at the terminal, and to whatever collects the log. */
export function printNotifier(note: (text: string) => void): Notifier {
  return {
    name: 'print',
    wants: () => true,
    tell: ({ id, kind, run, message }) => {
      note(`alert ${kind}${run === null ? '' : ` in ${run}`}: ${message} (${id})`);
      return Promise.resolve();
    },
  };
}
