/** What a HELM run scored for each instance: per_instance_stats.json. */
import { UserError } from '../../../error/index.ts';
import { listIn, numberIn, objectIn, textIn } from '../../log/fields.ts';
import { readJsonMembers } from '../../log/json-members.ts';
import { lossUnit } from '../../log/metric-kind.ts';
import { type HelmStat, isBookkeeping, toStat } from './stat.ts';

export type ScoredInstance = {
  readonly instance: string;
  readonly trial: number;
  /** Solved examples in its prompt; null where not told. */
  readonly fewShot: number | null;
  readonly stats: readonly HelmStat[];
};

/** @throws UserError naming the element for what is no row of HELM's. */
export async function* readScores(
  path: string,
  name: string,
  onPerturbed: () => void = () => undefined,
): AsyncGenerator<ScoredInstance> {
  for await (const { index, value } of readJsonMembers(path)) {
    const instance = textIn(value, 'instance_id');
    const stats = listIn(value, 'stats');
    if (index === null || instance === null || stats === null) {
      const missing = instance === null ? 'instance_id' : 'stats';
      throw new UserError(
        `\`${name}\`, element ${(index ?? 0) + 1}: expected \`${missing}\`, found none`,
      );
    }
    if (objectIn(value, 'perturbation') !== null) {
      onPerturbed();
      continue;
    }
    const own = stats.map(toStat).filter((stat) => stat !== null && !stat.perturbed);
    yield {
      instance,
      trial: numberIn(value, 'train_trial_index') ?? 0,
      fewShot: examplesIn(own),
      stats: own.filter((stat) => stat !== null),
    };
  }
}

function examplesIn(stats: readonly (HelmStat | null)[]): number | null {
  const found = stats.find((stat) => stat?.metric === 'num_train_instances')?.mean ?? null;
  return found !== null && Number.isSafeInteger(found) && found >= 0 ? found : null;
}

/** Metrics that are a score in 0…1 of every instance. */
export async function scoreMetrics(path: string, name: string): Promise<ReadonlySet<string>> {
  const fits = new Map<string, boolean>();
  for await (const { stats } of readScores(path, name)) {
    for (const { metric, mean } of stats) {
      if (isBookkeeping(metric) || fits.get(metric) === false) continue;
      fits.set(metric, lossUnit(metric) === null && mean >= 0 && mean <= 1);
    }
  }
  return new Set([...fits].filter(([, fit]) => fit).map(([metric]) => metric));
}
