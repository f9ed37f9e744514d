/** COD with its settings: the honest default, and one changed thing a variant. */
import type { Forecaster } from '../forecaster.ts';
import { codForecaster } from './cod-forecaster.ts';
import { fitCod } from './cod-fit.ts';
import type { CodSettings } from './cod-settings.ts';

/**
 * From the lessons of published prototypes and from back-tests inside the ladders, never from the targets
 * (docs/forecasting.md): mean difficulty clustered and fitted on different answers, a radius of 0.1, clusters of ten or
 * more, weak priors, the paper's filter on C / C_min, and what is not extrapolated persisted.
 */
export const codDefaults: CodSettings = {
  features: 'mean',
  smoothing: 0,
  isotonic: false,
  clustering: 'bounded-mean-shift',
  radius: 0.1,
  minimumSize: 10,
  crossFit: true,
  guess: 'free',
  prior: 'weak',
  filter: 'paper',
  whole: { kind: 'persist' },
};

const vector = { features: 'vector', crossFit: false, radius: 0.15 } as const;
const map = { anchors: false, chanceEnds: false } as const;

const variants: Readonly<Record<string, { description: string; settings: Partial<CodSettings> }>> =
  {
    raw: {
      description: 'pass-rate vectors clustered and fitted on the same answers, as published',
      settings: { ...vector },
    },
    smoothed: {
      description: 'vectors, each rate mixed with four answers’ worth of its item’s mean',
      settings: { ...vector, smoothing: 4 },
    },
    isotonic: {
      description: 'vectors repaired to rise with compute',
      settings: { ...vector, isotonic: true },
    },
    'cross-vector': {
      description: 'vectors clustered and fitted on different answers',
      settings: { ...vector, crossFit: true },
    },
    'mean-shift': {
      description: 'vectors, plain MeanShift',
      settings: { ...vector, clustering: 'mean-shift' },
    },
    dbscan: { description: 'vectors, DBSCAN', settings: { ...vector, clustering: 'dbscan' } },
    'k-means': { description: 'vectors, KMeans', settings: { ...vector, clustering: 'k-means' } },
    'bounded-k-means': {
      description: 'vectors, KMeans with a bounded diameter',
      settings: { ...vector, clustering: 'bounded-k-means' },
    },
    'unit-free': {
      description: 'a filter that does not depend on the unit of compute',
      settings: { filter: 'unit-free' },
    },
    'chance-guess': {
      description: 'the guess level fixed to chance in every cluster',
      settings: { guess: 'fixed' },
    },
    'no-prior': { description: 'laws without priors', settings: { prior: 'none' } },
    subset: {
      description: 'the extrapolated subset alone, without a map',
      settings: { whole: { kind: 'subset' } },
    },
    spline: {
      description: 'subset to full set by a monotone spline on the ladder',
      settings: { whole: { kind: 'spline', ...map } },
    },
    'chance-ends': {
      description: 'the spline through (chance, chance) and (1, 1)',
      settings: { whole: { kind: 'spline', ...map, chanceEnds: true } },
    },
    quartic: {
      description: 'subset to full set by a quartic on the ladder',
      settings: { whole: { kind: 'quartic', ...map } },
    },
    anchors: {
      description: 'the spline calibrated on the ladder and on anchors',
      settings: { whole: { kind: 'spline', ...map, anchors: true } },
    },
  };

/** `cod`, then its variants. */
export const codForecasters: readonly Forecaster[] = [
  createCod('cod', 'Clustering-On-Difficulty, its best honest configuration', codDefaults),
  ...Object.entries(variants).map(([name, { description, settings }]) =>
    createCod(`cod:${name}`, `COD: ${description}`, { ...codDefaults, ...settings }),
  ),
];

/** A COD forecaster with other settings, for sensitivity tables. */
export function createCod(name: string, description: string, settings: CodSettings): Forecaster {
  const wantsAnchors = 'anchors' in settings.whole && settings.whole.anchors;
  return {
    name,
    description,
    minModels: 3,
    missing: ({ items, anchors }) => {
      if (items === null) return 'needs outcomes per item';
      const known = anchors.some(({ rates }) => rates !== null);
      return wantsAnchors && !known ? 'needs anchors with outcomes on the same items' : null;
    },
    fit: (ladder, options) => codForecaster(fitCod(ladder, settings, options)),
  };
}
