/**
 * Two-parameter logistic item response model on k of n answers: P(item i right by model m) =
 * g + (1 − g) σ(aᵢ (θₘ − bᵢ)), g the chance level (Birnbaum 1968; with g it is the three-parameter model with a fixed
 * guess). Joint maximum a posteriori by alternating Fisher scoring, with priors θ ~ N(0, 2²), ln a ~ N(0, 0.5²),
 * b ~ N(0, 2.5²): without them an item that every model gets right has no finite difficulty.
 */
import type { Ladder } from '../ladder.ts';

export type ItemResponse = {
  readonly chance: number;
  /** Per item: slope a and difficulty b. */
  readonly discrimination: Float64Array;
  readonly difficulty: Float64Array;
  /** Per model. */
  readonly ability: Float64Array;
  /** Fisher information of each ability. */
  readonly information: Float64Array;
  /** Change of the model's mean probability per unit of ability. */
  readonly slope: Float64Array;
};

const priors = { ability: 2, logDiscrimination: 0.5, difficulty: 2.5 } as const;
const rounds = 40;
/** Abilities that move less than this in a round have settled. */
const tolerance = 1e-3;

/** Fits abilities and items of a ladder with outcomes per item. */
export function fitItemResponse({ items, models, chance, accuracy }: Ladder): ItemResponse {
  if (items === null) throw new TypeError('fitItemResponse: expected outcomes per item');
  const count = items.ids.length;
  const state = {
    chance: Math.min(chance, 0.99),
    logDiscrimination: new Float64Array(count),
    difficulty: new Float64Array(count),
    ability: accuracy.map((value) => logit((value - chance) / (1 - chance))),
    right: items.right,
    answers: items.answers,
  };
  for (let round = 0; round < rounds; round += 1) {
    for (let item = 0; item < count; item += 1) updateItem(state, item);
    if (updateAbilities(state) < tolerance) break;
  }
  const result = {
    chance: state.chance,
    discrimination: state.logDiscrimination.map(Math.exp),
    difficulty: state.difficulty,
    ability: state.ability,
    information: new Float64Array(models.length),
    slope: new Float64Array(models.length),
  };
  describeAbilities(state, result);
  return result;
}

type State = {
  readonly chance: number;
  readonly logDiscrimination: Float64Array;
  readonly difficulty: Float64Array;
  readonly ability: Float64Array;
  readonly right: Float64Array;
  readonly answers: Float64Array;
};

/** One damped Fisher scoring step of an item's ln a and b. */
function updateItem(state: State, item: number): void {
  const models = state.ability.length;
  const a = Math.exp(state.logDiscrimination[item]!);
  const b = state.difficulty[item]!;
  let gradientA = -state.logDiscrimination[item]! / priors.logDiscrimination ** 2;
  let gradientB = -b / priors.difficulty ** 2;
  let [hessianAA, hessianBB, hessianAB] = [
    1 / priors.logDiscrimination ** 2,
    1 / priors.difficulty ** 2,
    0,
  ];
  for (let model = 0; model < models; model += 1) {
    const at = item * models + model;
    const distance = state.ability[model]! - b;
    const { score, information } = respond(state, a * distance, at);
    const [byA, byB] = [a * distance, -a];
    gradientA += score * byA;
    gradientB += score * byB;
    hessianAA += information * byA * byA;
    hessianBB += information * byB * byB;
    hessianAB += information * byA * byB;
  }
  const determinant = hessianAA * hessianBB - hessianAB ** 2;
  state.logDiscrimination[item]! += damp(
    (hessianBB * gradientA - hessianAB * gradientB) / determinant,
  );
  state.difficulty[item]! += damp((hessianAA * gradientB - hessianAB * gradientA) / determinant);
}

/** One damped step of every ability; the largest step taken. */
function updateAbilities(state: State): number {
  const models = state.ability.length;
  let largest = 0;
  for (let model = 0; model < models; model += 1) {
    let gradient = -state.ability[model]! / priors.ability ** 2;
    let hessian = 1 / priors.ability ** 2;
    for (let item = 0; item < state.difficulty.length; item += 1) {
      const a = Math.exp(state.logDiscrimination[item]!);
      const eta = a * (state.ability[model]! - state.difficulty[item]!);
      const { score, information } = respond(state, eta, item * models + model);
      gradient += score * a;
      hessian += information * a * a;
    }
    const step = damp(gradient / hessian);
    state.ability[model]! += step;
    largest = Math.max(largest, Math.abs(step));
  }
  return largest;
}

/** Derivative of the log-likelihood by the logit, and its expected information. */
function respond(state: State, eta: number, at: number): { score: number; information: number } {
  const s = 1 / (1 + Math.exp(-eta));
  const p = state.chance + (1 - state.chance) * s;
  const slope = (1 - state.chance) * s * (1 - s);
  const spread = Math.max(p * (1 - p), 1e-9);
  const n = state.answers[at]!;
  return {
    score: ((state.right[at]! - n * p) * slope) / spread,
    information: (n * slope * slope) / spread,
  };
}

function describeAbilities(state: State, result: ItemResponse): void {
  const models = state.ability.length;
  for (let model = 0; model < models; model += 1) {
    let [information, slope] = [1 / priors.ability ** 2, 0];
    for (let item = 0; item < state.difficulty.length; item += 1) {
      const a = result.discrimination[item]!;
      const eta = a * (state.ability[model]! - state.difficulty[item]!);
      information += respond(state, eta, item * models + model).information * a * a;
      const s = 1 / (1 + Math.exp(-eta));
      slope += a * (1 - state.chance) * s * (1 - s);
    }
    result.information[model] = information;
    result.slope[model] = slope / state.difficulty.length;
  }
}

/** Mean over the items of the probability of a right answer at an ability. */
export function meanProbability(model: ItemResponse, ability: number): number {
  const { discrimination, difficulty, chance } = model;
  let sum = 0;
  for (let item = 0; item < difficulty.length; item += 1) {
    sum += 1 / (1 + Math.exp(-discrimination[item]! * (ability - difficulty[item]!)));
  }
  return chance + ((1 - chance) * sum) / difficulty.length;
}

function logit(share: number): number {
  const held = Math.min(0.98, Math.max(0.02, share));
  return Math.log(held / (1 - held));
}

/** Fisher scoring far from the optimum overshoots. */
function damp(step: number): number {
  return Math.max(-1, Math.min(1, step));
}
