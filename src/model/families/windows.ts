import type { ConfigReader } from '../config-reader.ts';

export const SLIDING = 'sliding_attention';
export const FULL = 'full_attention';

/** The type of each layer, as `layer_types` says or else `isSliding`. */
export function readLayerTypes(
  config: ConfigReader,
  layers: number,
  isSliding: (layer: number) => boolean,
): readonly string[] {
  return (
    config.perLayer('layer_types', layers, [FULL, SLIDING]) ??
    Array.from({ length: layers }, (_, i) => (isSliding(i) ? SLIDING : FULL))
  );
}

/**
 * Windows of classes where `sliding_window` counts only with `use_sliding_window`: `window`, as `readSwitchedWindow` gives
 * it, for the layers that `layer_types` names, else those of `isSliding`.
 */
export function switchedWindows(
  config: ConfigReader,
  window: number | null,
  { layers, isSliding }: { layers: number; isSliding: (layer: number) => boolean },
): (number | null)[] {
  const types = readLayerTypes(config, layers, (i) => window !== null && isSliding(i));
  return types.map((type) => {
    if (type === FULL) return null;
    if (window === null)
      throw config.wrong('sliding_window', 'a number, as layer_types names sliding layers');
    return window;
  });
}

/** `sliding_window`, where `use_sliding_window` switches it on; `missing` is the default of the class. */
export function readSwitchedWindow(config: ConfigReader, missing: number | null): number | null {
  const enabled = config.flag('use_sliding_window', false);
  if (enabled) return config.sizeOrNull('sliding_window', missing);
  config.raw('sliding_window');
  return null;
}

/** Qwen's windows: on the layers from `max_window_layers` on. */
export function lateWindows(config: ConfigReader, layers: number): (number | null)[] {
  const first = config.raw('max_window_layers') ?? 28;
  if (typeof first !== 'number') throw config.wrong('max_window_layers', 'a number');
  const window = readSwitchedWindow(config, 4096);
  return switchedWindows(config, window, { layers, isSliding: (i) => i >= first });
}
