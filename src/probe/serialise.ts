import { UserError } from '../error/index.ts';
import { NEXT_TOKENS } from '../model/index.ts';
import type { AlignmentReference } from './alignment.ts';
import { architectureOf } from './architectures.ts';
import { parseProbeCard } from './card-schema.ts';
import type { DriftReference } from './drift.ts';
import type { NamedTensor } from './estimator.ts';
import { type Head, headTensors } from './head.ts';
import type { Heads } from './heads.ts';
import { type ImpliedAnswers, impliedAnswersTensors } from './implied-answer.ts';
import { logistic } from './logistic.ts';
import type { ProbeCard, ProbeModel } from './probe-model.ts';
import { promptBaselineTensors } from './prompt-baseline.ts';
import { type Representation, representationTensors } from './representation.ts';
import { type TextComponents, textComponentsTensors } from './text-components.ts';

/** A probe as plain tensors and a JSON card: the caller writes them where it likes. */
export function modelToTensors(model: ProbeModel): { card: ProbeCard; tensors: NamedTensor[] } {
  const { card, representation, heads, outcomes, answers, text, drift, baselines } = model;
  const random = baselines.randomWeights;
  const shape = [card.checkpoints.length, card.split.seen.length];
  const tensors = [
    ...(representation === null
      ? []
      : under('representation', representationTensors(representation, card.split.seen))),
    ...headsTensors('', heads),
    ...headsTensors('historyOnly.', baselines.historyOnly),
    ...under('promptOnly', promptBaselineTensors(baselines.promptOnly)),
    ...(random === null
      ? []
      : [
          ...under(
            'random.representation',
            representationTensors(random.representation, card.split.seen),
          ),
          ...headsTensors('random.', random.heads),
        ]),
    { name: 'outcomes.k', shape, data: outcomes.k },
    { name: 'outcomes.n', shape, data: outcomes.n },
    ...(answers === null ? [] : under('answers', impliedAnswersTensors(answers))),
    ...(text === null ? [] : under('text', textComponentsTensors(text))),
    ...(drift === null ? [] : driftTensors(drift)),
  ];
  return { card, tensors };
}

/**
 * The probe that `modelToTensors` took apart. `where` names the files in messages. A card or tensor that is missing or
 * of another shape is refused by name.
 */
export function modelFromTensors(
  card: unknown,
  tensors: readonly NamedTensor[],
  where: string,
): ProbeModel {
  const checked = parseProbeCard(card, where);
  const read = new TensorReader(tensors, where);
  const shape = [checked.checkpoints.length, checked.split.seen.length];
  const { promptTerms } = checked;
  const hasRandom = read.has('random.representation.joint');
  const representation = restoreRepresentation(checked, read, 'representation');
  const random = hasRandom ? restoreRepresentation(checked, read, 'random.representation') : null;
  return {
    card: checked,
    representation,
    heads: restoreHeads(checked, read, ''),
    outcomes: { k: read.float64('outcomes.k', shape), n: read.float64('outcomes.n', shape) },
    answers: read.has('answers.tokens') ? restoreAnswers(read, shape) : null,
    text: restoreText(read, checked.textTerms),
    drift:
      representation === null
        ? null
        : restoreDrift(read, { tasks: checked.tasks.length, width: representation.width }),
    baselines: {
      historyOnly: restoreHeads(checked, read, 'historyOnly.'),
      promptOnly: {
        mean: read.float64('promptOnly.mean', [2]),
        scale: read.float64('promptOnly.scale', [2]),
        terms:
          promptTerms === null
            ? null
            : {
                ...promptTerms,
                idf: read.float64('promptOnly.idf', [promptTerms.terms.length]),
              },
        fitted: logistic.restore(read.under('promptOnly')),
      },
      randomWeights:
        random === null
          ? null
          : { representation: random, heads: restoreHeads(checked, read, 'random.') },
    },
  };
}

function driftTensors(drift: DriftReference): NamedTensor[] {
  const { means, spread, usual, score, disagreement } = drift;
  const tasks = spread.length;
  const perTask = { spread, usual, score, disagreement };
  return [
    { name: 'drift.means', shape: [tasks, means.length / tasks], data: means },
    ...Object.entries(perTask).flatMap(([name, data]) =>
      data === null ? [] : [{ name: `drift.${name}`, shape: [tasks], data }],
    ),
  ];
}

function restoreDrift(
  read: TensorReader,
  { tasks, width }: { readonly tasks: number; readonly width: number },
): DriftReference {
  const perTask = (name: string) => read.float64(`drift.${name}`, [tasks]);
  return {
    means: read.float32('drift.means', [tasks, width]),
    spread: perTask('spread'),
    usual: perTask('usual'),
    score: read.has('drift.score') ? perTask('score') : null,
    disagreement: read.has('drift.disagreement') ? perTask('disagreement') : null,
  };
}

function under(prefix: string, tensors: readonly NamedTensor[]): NamedTensor[] {
  return tensors.map((tensor) => ({ ...tensor, name: `${prefix}.${tensor.name}` }));
}

function headsTensors(prefix: string, heads: Heads): NamedTensor[] {
  return Object.entries(heads).flatMap(([name, head]: [string, Head | null]) =>
    head === null ? [] : under(`heads.${prefix}${name}`, headTensors(head)),
  );
}

function restoreAnswers(read: TensorReader, shape: readonly number[]): ImpliedAnswers {
  const wide = [...shape, NEXT_TOKENS];
  return {
    items: shape[1]!,
    tokens: read.float32('answers.tokens', wide),
    belief: read.float32('answers.belief', wide),
    probability: read.float32('answers.probability', shape),
  };
}

function restoreText(read: TensorReader, terms: readonly string[] | null): TextComponents | null {
  if (terms === null) return null;
  const basis = read.any32('text.basis');
  if (basis.length === 0 || basis.length % terms.length !== 0) {
    throw read.refusal('text.basis', `rows of ${terms.length}`, `${basis.length} numbers`);
  }
  const idf = read.float64('text.idf', [terms.length]);
  return { terms: { terms, idf }, basis, width: basis.length / terms.length };
}

function restoreHeads(card: ProbeCard, read: TensorReader, prefix: string): Heads {
  const restore = (name: keyof Heads): Head | null => {
    const facts = card.heads[`${prefix}${name}`];
    if (facts === undefined) return null;
    const at = `heads.${prefix}${name}`;
    const columns = read.lengthOf(`${at}.mean`);
    const fitted = architectureOf(facts.spec.architecture).restore(read.under(at));
    if (fitted.width !== facts.width || fitted.tasks !== card.tasks.length) {
      throw read.refusal(`${at}.weights`, `${facts.width} columns`, `${fitted.width}`);
    }
    return {
      spec: facts.spec,
      stateWidth: facts.width - columns,
      mean: read.float32(`${at}.mean`, [columns]),
      scale: read.float32(`${at}.scale`, [columns]),
      fitted,
    };
  };
  return { plain: restore('plain'), task: restore('task'), item: restore('item') };
}

function restoreRepresentation(
  card: ProbeCard,
  read: TensorReader,
  prefix: string,
): Representation | null {
  const options = card.representation;
  if (options === null) return null;
  const { hidden } = card.layout;
  const layers = options.layers.map((layer) => {
    const at = `${prefix}.layer.${layer}`;
    const basis = read.has(`${at}.basis`) ? read.any32(`${at}.basis`) : null;
    if (basis !== null && basis.length % hidden !== 0) {
      throw read.refusal(`${at}.basis`, `rows of ${hidden}`, `${basis.length} numbers`);
    }
    return {
      layer,
      mean: read.float32(`${at}.mean`, [hidden]),
      scale: read.float32(`${at}.scale`, [hidden]),
      basis,
      width: basis === null ? hidden : basis.length / hidden,
    };
  });
  const joint = read.any32(`${prefix}.joint`);
  const total = layers.reduce((sum, layer) => sum + layer.width, 0);
  if (joint.length === 0 || joint.length % total !== 0) {
    throw read.refusal(`${prefix}.joint`, `rows of ${total}`, `${joint.length} numbers`);
  }
  const width = joint.length / total;
  const reference = restoreReference(card, { read, prefix: `${prefix}.reference`, width });
  return { options, hidden, width, layers, joint, reference };
}

function restoreReference(
  { split }: ProbeCard,
  {
    read,
    prefix,
    width,
  }: { readonly read: TensorReader; readonly prefix: string; readonly width: number },
): AlignmentReference | null {
  if (!read.has(`${prefix}.places`)) return null;
  const places = read.float64(`${prefix}.places`, [read.lengthOf(`${prefix}.places`)]);
  const ids = Array.from(places, (place) => {
    const id = split.seen[place];
    if (id !== undefined) return id;
    throw read.refusal(`${prefix}.places`, `places below ${split.seen.length}`, `${place}`);
  });
  return { ids, values: read.float32(`${prefix}.values`, [ids.length, width]) };
}

class TensorReader {
  readonly #tensors: ReadonlyMap<string, NamedTensor>;
  readonly #where: string;

  constructor(tensors: readonly NamedTensor[], where: string) {
    this.#tensors = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    this.#where = where;
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /** The tensors whose names begin with `prefix.`, without it. */
  under(prefix: string): Map<string, NamedTensor> {
    const start = `${prefix}.`;
    return new Map(
      [...this.#tensors]
        .filter(([name]) => name.startsWith(start))
        .map(([name, tensor]) => [name.slice(start.length), tensor]),
    );
  }

  lengthOf(name: string): number {
    return this.#get(name).data.length;
  }

  float32(name: string, shape: readonly number[]): Float32Array {
    return Float32Array.from(this.#shaped(name, shape));
  }

  float64(name: string, shape: readonly number[]): Float64Array {
    return Float64Array.from(this.#shaped(name, shape));
  }

  any32(name: string): Float32Array {
    return Float32Array.from(this.#get(name).data);
  }

  refusal(name: string, expected: string, found: string): UserError {
    return new UserError(
      `probe: expected tensor \`${name}\` with ${expected}, got ${found} (in ${this.#where}); fit the probe again`,
    );
  }

  #shaped(name: string, shape: readonly number[]): NamedTensor['data'] {
    const { data } = this.#get(name);
    const size = shape.reduce((product, value) => product * value, 1);
    if (data.length !== size) {
      throw this.refusal(name, `${size} numbers [${shape.join(', ')}]`, `${data.length}`);
    }
    return data;
  }

  #get(name: string): NamedTensor {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw this.refusal(name, 'weights', 'none');
    return tensor;
  }
}
