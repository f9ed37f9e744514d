import { contentsVersion, type Store } from '../../store/index.ts';
import { parseFrozen } from './freeze.ts';
import { chosenName } from './method-names.ts';

/** What a frozen forecast says of one task of its target; accuracies from 0 to 1, of the 95 % interval. */
export type FrozenAnswer = {
  readonly forecast: string;
  readonly createdAt: string;
  readonly suite: string;
  readonly task: string;
  /** Null where only a compute was forecast. */
  readonly checkpoint: string | null;
  readonly flops: number;
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
};

/**
 * Reads those that are an answer (`predictable`), of files that say what was written; oldest first. Called again, it reads the
 * files only where one came or went.
 */
export function createFrozenAnswers(
  store: Pick<Store, 'forecasts' | 'contents'>,
): () => Promise<readonly FrozenAnswer[]> {
  let known: { readonly version: string; readonly answers: readonly FrozenAnswer[] } | null = null;
  return async () => {
    const version = contentsVersion(await store.contents(), ['forecasts']);
    if (known?.version !== version) known = { version, answers: await readAnswers(store) };
    return known.answers;
  };
}

async function readAnswers(store: Pick<Store, 'forecasts'>): Promise<FrozenAnswer[]> {
  const answers = (await store.forecasts.list()).flatMap((document): FrozenAnswer[] => {
    const frozen = document.intact ? parseFrozen(document) : null;
    if (frozen === null) return [];
    const { createdAt, suite, target, benchmarks } = frozen;
    const about = { forecast: document.id, createdAt, suite, ...target };
    return benchmarks.flatMap(({ task, methods }) => {
      const chosen = methods.find(({ method }) => method === chosenName);
      if (chosen?.verdict !== 'predictable') return [];
      const { accuracy, low, high } = chosen;
      return accuracy === null || low === null || high === null
        ? []
        : [{ ...about, task, accuracy, low, high }];
    });
  });
  return answers.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}
