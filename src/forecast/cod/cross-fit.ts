/**
 * Cross-fitting: items are clustered by other answers than their cluster's law is fitted to. Clustering on the noise that
 * is then fitted puts lucky items together and bends the law; the fewer answers, the more.
 */
import { keyedUniform, randomStream, type RandomStream } from '../../stats/index.ts';
import type { LadderItems } from '../ladder.ts';

export type Halves = readonly [LadderItems, LadderItems];

/** Whether every item has the two answers that halving takes; a single one that has not, and none is halved. */
export function canHalve({ right, answers }: LadderItems): boolean {
  return answers.every((n) => n >= 2) && right.every((k) => Number.isInteger(k));
}

/**
 * Splits each item's answers at random into two halves: which answers were right is drawn without replacement. Draws are
 * keyed by the item, so that the others move none of them.
 */
export function halveAnswers(items: LadderItems, seed: number): Halves {
  const { ids, right, answers } = items;
  const models = right.length / ids.length;
  const first = { ids, right: new Float64Array(right.length), answers: answers.map((n) => n >> 1) };
  ids.forEach((id, item) => {
    const stream = randomStream('halves', seed, id);
    for (let at = item * models; at < (item + 1) * models; at += 1) {
      first.right[at] = hypergeometric(stream, {
        right: right[at]!,
        answers: answers[at]!,
        drawn: first.answers[at]!,
      });
    }
  });
  const second = {
    ids,
    right: right.map((k, at) => k - first.right[at]!),
    answers: answers.map((n, at) => n - first.answers[at]!),
  };
  return [first, second];
}

/** Right answers among `drawn` of `answers` drawn without replacement, `right` of which are right. */
function hypergeometric(
  stream: RandomStream,
  { right, answers, drawn }: { right: number; answers: number; drawn: number },
): number {
  if (right === 0) return 0;
  if (right === answers) return drawn;
  let [left, rightLeft, found] = [answers, right, 0];
  for (let draw = 0; draw < drawn; draw += 1) {
    if (stream.uniform() * left < rightLeft) {
      found += 1;
      rightLeft -= 1;
    }
    left -= 1;
  }
  return found;
}

/**
 * For single answers, which cannot be halved: at each model the items are ranked by their mean rate at the other models,
 * and cut into `groups` of equal size. Labels (models) of (items). Items of one mean stand in a random order that is the
 * same at every model.
 */
export function leaveOneModelOutGroups(
  { ids, right, answers }: LadderItems,
  models: number,
  { groups, seed }: { groups: number; seed: number },
): Int32Array[] {
  const count = ids.length;
  const jitter = Float64Array.from(ids, (id) => keyedUniform('ranks', seed, id));
  const total = new Float64Array(count);
  for (let at = 0; at < right.length; at += 1) {
    total[Math.floor(at / models)]! += right[at]! / answers[at]!;
  }
  return Array.from({ length: models }, (_, model) => {
    const others = total.map((sum, item) => {
      const at = item * models + model;
      return sum - right[at]! / answers[at]!;
    });
    const order = Int32Array.from({ length: count }, (_, item) => item).sort(
      (a, b) => others[a]! - others[b]! || jitter[a]! - jitter[b]!,
    );
    const labels = new Int32Array(count);
    order.forEach((item, rank) => (labels[item] = Math.floor((rank * groups) / count)));
    return labels;
  });
}
