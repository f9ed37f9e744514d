import { UserError } from '../error/index.ts';

/** Throws `UserError` unless the layers are at least one, ascending, from 0 to `depth`; returns them. */
export function checkLayers(layers: readonly number[], depth: number): readonly number[] {
  for (const [i, layer] of layers.entries()) {
    if (
      !Number.isSafeInteger(layer) ||
      layer < 0 ||
      layer > depth ||
      layer <= (layers[i - 1] ?? -1)
    ) {
      throw new UserError(
        `\`extract\`: expected layers from 0 to ${depth}, ascending, got ${layers.join(',')}`,
      );
    }
  }
  if (layers.length === 0) throw new UserError('`extract`: expected at least one layer, got none');
  return layers;
}
