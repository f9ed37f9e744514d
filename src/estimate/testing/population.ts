import { type RandomStream, randomStream } from '../../stats/index.ts';
import type { LabelledQuestions } from '../index.ts';

/** Questions with their true probabilities and predictions that know `skill` (−1 to 1) of them and are `shift` too high. */
export type Population = { readonly truth: Float64Array; readonly predicted: Float64Array };

export function population(
  stream: RandomStream,
  of: { readonly size: number; readonly skill: number; readonly shift?: number },
): Population {
  const { size, skill, shift = 0 } = of;
  const truth = new Float64Array(size);
  const predicted = new Float64Array(size);
  for (let i = 0; i < size; i += 1) {
    const ability = 1.6 * stream.normal();
    const seen = skill * ability + Math.sqrt(1 - skill ** 2) * 1.6 * stream.normal();
    truth[i] = 1 / (1 + Math.exp(-ability - 0.3));
    predicted[i] = 1 / (1 + Math.exp(-seen - 0.3 - shift));
  }
  return { truth, predicted };
}

/** Answers to the questions at `places`, `answers` each. */
export function ask(
  { truth, predicted }: Population,
  places: ArrayLike<number>,
  of: { readonly answers: number; readonly stream: RandomStream },
): LabelledQuestions {
  const [k, n] = [new Float64Array(truth.length), new Float64Array(truth.length)];
  for (const i of Array.from(places)) {
    n[i] = of.answers;
    for (let a = 0; a < of.answers; a += 1) k[i]! += of.stream.uniform() < truth[i]! ? 1 : 0;
  }
  return { predicted, k, n };
}

/** So many different places of `size`, each subset as likely as any. */
export function subset(stream: RandomStream, size: number, count: number): Int32Array {
  const places = Int32Array.from({ length: size }, (_, i) => i);
  for (let i = 0; i < count; i += 1) {
    const j = i + stream.integer(size - i);
    [places[i], places[j]] = [places[j]!, places[i]!];
  }
  return places.slice(0, count);
}

export const stream: (key: string) => RandomStream = (key) => randomStream('estimate', key);
