import type { Activations } from './activations.ts';
import { architectureOf } from './architectures.ts';
import type { HeadSpec } from './head.ts';
import { fitHeads } from './heads.ts';
import { passColumns } from './item-columns.ts';
import type { ProbeModel } from './probe-model.ts';
import { fitRepresentation, viewOf } from './representation.ts';
import type { Chosen } from './search.ts';
import { indices, type Validation } from './selection.ts';
import { allIndices, trainableItems } from './training-set.ts';

/**
 * The control with random weights: the chosen probe, fitted on the states of one checkpoint that never learned anything in
 * place of every fitted one's. Null without such states, or for a probe that reads none.
 */
export async function fitRandomWeights(
  validation: Validation,
  random: Activations | null,
  { representation: chosen, specs }: Pick<Chosen, 'representation' | 'specs'>,
  tolerance?: number,
): Promise<ProbeModel['baselines']['randomWeights']> {
  const { set, kernel } = validation;
  if (random === null || chosen === null) return null;
  const ids = set.items.map(({ id }) => id);
  const one = { checkpoint: 'random weights', activations: random, ids, task: set.task };
  const source = { ...one, rows: trainableItems(set, () => true) };
  const at = { hidden: chosen.hidden, kernel };
  // These weights never move: there is nothing to align.
  const options = { ...chosen.options, align: 'none' } as const;
  const representation = await fitRepresentation([source], options, at);
  const view = await viewOf(representation, one, kernel);
  const { output, nextTokens = null, likelihood = null } = random;
  const withOutput = (spec: HeadSpec | null): HeadSpec | null => {
    if (spec === null) return null;
    const { reads } = architectureOf(spec.architecture);
    // Nothing is run a second time for a control: without token states it is the linear probe.
    const architecture =
      reads === 'components' || view.grids.has(reads) ? spec.architecture : 'linear';
    return {
      ...spec,
      output: spec.output && output !== null,
      likelihood: spec.likelihood && likelihood !== null && nextTokens !== null,
      // What the fitted checkpoints' next tokens went with says nothing of tokens drawn at random.
      answer: false,
      architecture,
    };
  };
  const own = {
    plain: withOutput(specs.plain),
    task: withOutput(specs.task),
    item: withOutput(specs.item),
  };
  const pass = passColumns(random, allIndices(set.items.length));
  const randomSet = { ...set, columns: set.columns.map((own) => ({ ...own, ...pass })) };
  const heads = await fitHeads({ ...validation, set: randomSet, starts: new Map() }, own, {
    views: set.checkpoints.map(() => view),
    checkpoints: indices(set.checkpoints.length),
    known: () => true,
    ...(tolerance === undefined ? {} : { tolerance }),
  });
  return { representation, heads };
}
