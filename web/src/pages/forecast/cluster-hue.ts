import type { Clusters } from '../../../../src/wire/index.ts';
import type { Palette } from '../../charts/index.ts';

/** Clusters that the forecast is made of have a hue of their own; what was left out is grey. */
export function clusterHue({ clusters }: Clusters, index: number, palette: Palette): string {
  if (clusters[index]?.state === 'dropped') return palette.refused;
  return palette.hues[index % palette.hues.length] ?? palette.ink;
}
