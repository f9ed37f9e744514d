import { UserError } from '../../../error/index.ts';
import { textIn } from '../../log/fields.ts';
import type { InspectLog, LogReduction } from './log-parts.ts';
import type { ReadLog } from './log-records.ts';
import { type LogResults, resultsOf } from './results.ts';
import { type LogSample, onlyScorer } from './sample.ts';
import { type LogSettings, settingsOf } from './settings.ts';
import { Tally } from './tally.ts';

export type Collected = ReadLog & {
  /** As the log names it; null where it names none. */
  readonly status: string | null;
  /** A scorer's name where a sample names none. */
  readonly scorer: string | null;
};

/**
 * Reads a log to its end, keeping counts only.
 *
 * @param where begins messages.
 * @throws UserError for a log that is damaged, or says neither task nor model.
 */
export async function collectLog(log: InspectLog, where: string): Promise<Collected> {
  const members = new Map<string, unknown>();
  const tally = new Tally(where);
  const reductions: LogReduction[] = [];
  let settings: LogSettings | null = null;
  let results: LogResults | null = null;
  for await (const part of log.parts()) {
    if (part.type === 'member') {
      if (part.key === 'results') results = resultsOf(part.value);
      else if (part.key === 'eval' || part.key === 'plan' || part.key === 'status') {
        members.set(part.key, part.value);
      }
    } else if (part.type === 'reduction') reductions.push(part.reduction);
    else tally.add(named(part.sample, soleScorer(results)));
  }
  if (!members.has('eval'))
    throw new UserError(`${where}: expected the member \`eval\`, it has none`);
  settings = settingsOf(members, where);
  const status = textIn(Object.fromEntries(members), 'status');
  return { settings, tally, results, reductions, status, scorer: soleScorer(results) };
}

function soleScorer(results: LogResults | null): string | null {
  return results?.scores[0]?.scorer ?? null;
}

/** Old logs had one scorer, which is named in the results alone. */
export function named(sample: LogSample, scorer: string | null): LogSample {
  const [only, ...others] = sample.scores;
  if (scorer === null || only?.scorer !== onlyScorer || others.length > 0) return sample;
  return { ...sample, scores: [{ ...only, scorer }] };
}
