import { type DiscriminantOptions, lda, massMean, ridge } from './discriminant.ts';
import type { FittedProbe, NamedTensor, Probe, ProbeData } from './estimator.ts';
import type { Kernel } from './kernel.ts';
import { logistic, type LogisticOptions } from './logistic.ts';
import {
  attentionPool,
  ensemble,
  layerTransformer,
  mlp,
  scalarMix,
  type TrainingOptions,
  twoStage,
} from './neural/index.ts';

/** What an architecture is given of the states. */
export type Reads = 'components' | 'layers' | 'tokens' | 'layers of tokens';

/** How strongly a head is held back, and what keys its draws. */
export type HeadFit = {
  readonly ridge: Pick<LogisticOptions, 'shared' | 'deviation'>;
  readonly sharedOnly: { readonly from: number; readonly to: number };
  readonly tolerance: number | null;
  readonly seed: number;
};

type Entry = {
  readonly reads: Reads;
  /** Trained step by step, which takes many rows and some seconds. */
  readonly isNetwork: boolean;
  fit: (
    data: ProbeData,
    head: HeadFit,
    at: { readonly kernel: Kernel; readonly start: FittedProbe | undefined },
  ) => Promise<FittedProbe>;
  restore: (tensors: ReadonlyMap<string, NamedTensor>) => FittedProbe;
};

/** Networks are small and regularised: carried to a later checkpoint, a long training loses the level. */
const TRAINING: TrainingOptions = {
  batch: 256,
  learningRate: 2e-3,
  weightDecay: 0.3,
  dropout: 0.2,
  patience: 3,
};

/** Rows that a training sees at least, over its epochs: small sets are gone through more often. */
const FEWEST_ROWS = 120_000;

const FEWEST_EPOCHS = 12;

const MOST_EPOCHS = 60;

const MEMBERS = 3;

const linear: Entry = {
  reads: 'components',
  isNetwork: false,
  fit: (data, { ridge: strengths, sharedOnly, tolerance }, { kernel, start }) =>
    logistic.fit(
      data,
      { ...strengths, sharedOnly, ...(tolerance === null ? {} : { tolerance }) },
      kernel,
      start,
    ),
  restore: (tensors) => logistic.restore(tensors),
};

const TABLE: Readonly<Record<ArchitectureName, Entry>> = {
  linear,
  ridge: direct(ridge),
  massMean: direct(massMean),
  lda: direct(lda),
  mlp: trained('components', ensemble(mlp)),
  scalarMix: trained('layers', ensemble(scalarMix)),
  layerTransformer: trained('layers', ensemble(layerTransformer)),
  attention: trained('tokens', ensemble(attentionPool)),
  submodel: trained('tokens', ensemble(attentionPool)),
  twoStage: trained('layers of tokens', ensemble(twoStage)),
};

export type ArchitectureName =
  | 'linear'
  | 'ridge'
  | 'massMean'
  | 'lda'
  | 'mlp'
  | 'scalarMix'
  | 'layerTransformer'
  | 'attention'
  | 'submodel'
  | 'twoStage';

/** All of them, simplest first. */
export const ARCHITECTURES: readonly ArchitectureName[] = Object.keys(TABLE) as ArchitectureName[];

/** Those that `auto` compares: what reads tokens needs a pass of its own, and is taken when it is asked for. */
export const AUTO_ARCHITECTURES: readonly ArchitectureName[] = ARCHITECTURES.filter(
  (name) => TABLE[name].reads === 'components' || TABLE[name].reads === 'layers',
);

export function architectureOf(name: ArchitectureName): Entry {
  return TABLE[name];
}

/**
 * Layers whose token states an architecture reads, of a checkpoint with `layers` (blocks + 1); null for one that reads none.
 * The two-stage one takes up to four layers, evenly spaced to the last.
 */
export function tokenLayersOf(name: ArchitectureName, layers: number): readonly number[] | null {
  const last = layers - 1;
  if (name === 'attention') return [last];
  if (name === 'submodel') return [halfWay(layers)];
  if (name !== 'twoStage') return null;
  const count = Math.min(4, layers);
  return Array.from({ length: count }, (_, i) => Math.round((last * (i + 1)) / count));
}

/**
 * Where `submodel` stops, of a checkpoint with `layers` (blocks + 1): it is a head on the first half of the blocks of the
 * checkpoint that is scored, and the others need not be run.
 */
export function halfWay(layers: number): number {
  return Math.ceil((layers - 1) / 2);
}

function direct(probe: Probe<DiscriminantOptions>): Entry {
  return {
    reads: 'components',
    isNetwork: false,
    fit: (data, head, { kernel }) => probe.fit(data, { deviation: head.ridge.deviation }, kernel),
    restore: (tensors) => probe.restore(tensors),
  };
}

function trained(
  reads: Reads,
  probe: Probe<TrainingOptions & { readonly members?: number }>,
): Entry {
  return {
    reads,
    isNetwork: true,
    fit: (data, { seed, tolerance }, { kernel }) => {
      // While candidates are compared one member stands for the ensemble: it is a little worse, at a third of the time.
      const members = tolerance === null ? MEMBERS : 1;
      const epochs = Math.min(
        MOST_EPOCHS,
        Math.max(FEWEST_EPOCHS, Math.ceil(FEWEST_ROWS / data.rows)),
      );
      return probe.fit(data, { ...TRAINING, epochs, members, seed }, kernel);
    },
    restore: (tensors) => probe.restore(tensors),
  };
}
