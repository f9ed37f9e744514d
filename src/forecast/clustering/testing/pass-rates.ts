import { randomStream } from '../../../stats/index.ts';
import type { Points } from '../points.ts';

/** Pass rates of `samples` draws under logistic curves over model sizes: what is clustered in earnest. */
export function passRates(
  key: string | number,
  shape: { readonly items: number; readonly dimensions: number; readonly samples: number },
): Points {
  const { items, dimensions, samples } = shape;
  const stream = randomStream('pass rates', key);
  const values = new Float64Array(items * dimensions);
  for (let item = 0; item < items; item += 1) {
    const difficulty = dimensions * (0.55 + 0.45 * stream.normal());
    const slope = 0.5 * Math.exp(0.5 * stream.normal());
    for (let model = 0; model < dimensions; model += 1) {
      const rate = 1 / (1 + Math.exp(-slope * (model - difficulty)));
      let correct = 0;
      for (let sample = 0; sample < samples; sample += 1) if (stream.uniform() < rate) correct += 1;
      values[item * dimensions + model] = correct / samples;
    }
  }
  return { values, dimensions };
}
