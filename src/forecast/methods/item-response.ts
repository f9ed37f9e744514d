/**
 * Two-parameter logistic item response model on k of n answers: P(item i right by model m) =
 * g + (1 − g) σ(aᵢ (θₘ − bᵢ)), g the chance level (Birnbaum 1968; with g it is the three-parameter model with a fixed
 * guess). Joint maximum a posteriori by alternating Fisher scoring, with priors θ ~ N(0, 2²), ln a ~ N(0, 0.5²),
 * b ~ N(0, 2.5²): without them an item that every model gets right has no finite difficulty.
 *
 * With few answers an item the joint estimate stretches abilities and difficulties apart (Neyman and Scott 1948), so that
 * its mean probabilities miss the ladder's accuracies. Abilities are therefore read off the accuracies at the end: the
 * ability at which the items' mean probability is what the model scored.
 */
import type { Ladder } from '../ladder.ts';
import { chanceLogit } from './chance-logit.ts';

export type ItemResponse = {
  readonly chance: number;
  /** Per item: slope a and difficulty b. */
  readonly discrimination: Float64Array;
  readonly difficulty: Float64Array;
  /** Mean probability over the items, on a grid of abilities; non-decreasing. */
  readonly curve: Float64Array;
};

const priors = { ability: 2, logDiscrimination: 0.5, difficulty: 2.5 } as const;
const rounds = 40;
/** Abilities that move less than this in a round have settled. */
const tolerance = 1e-3;

/** The grid of abilities: linear interpolation between its points is exact to 1e-4 in accuracy. */
const grid = { from: -12, step: 0.05, points: 481 } as const;

/** Fits the items of a ladder with outcomes per item. */
export function fitItemResponse({ items, chance, accuracy }: Ladder): ItemResponse {
  if (items === null) throw new TypeError('fitItemResponse: expected outcomes per item');
  const count = items.ids.length;
  const state: State = {
    chance: Math.min(chance, 0.99),
    discrimination: new Float64Array(count).fill(1),
    difficulty: new Float64Array(count),
    ability: accuracy.map((value) => chanceLogit(value, chance).logit),
    right: items.right,
    answers: items.answers,
  };
  for (let round = 0; round < rounds; round += 1) {
    for (let item = 0; item < count; item += 1) updateItem(state, item);
    if (updateAbilities(state) < tolerance) break;
  }
  const { discrimination, difficulty } = state;
  const curve = new Float64Array(grid.points);
  for (let point = 0; point < grid.points; point += 1) {
    const ability = grid.from + grid.step * point;
    let sum = 0;
    for (let item = 0; item < count; item += 1) {
      sum += 1 / (1 + Math.exp(-discrimination[item]! * (ability - difficulty[item]!)));
    }
    curve[point] = state.chance + ((1 - state.chance) * sum) / count;
  }
  return { chance: state.chance, discrimination, difficulty, curve };
}

/** Mean over the items of the probability of a right answer at an ability. */
export function meanProbability({ curve }: ItemResponse, ability: number): number {
  const at = Math.min(grid.points - 1, Math.max(0, (ability - grid.from) / grid.step));
  const below = Math.min(grid.points - 2, Math.floor(at));
  return curve[below]! + (at - below) * (curve[below + 1]! - curve[below]!);
}

/** The ability at which the mean probability is `accuracy`, and how steeply it rises there; the grid's end beyond it. */
export function abilityAt(
  { curve }: ItemResponse,
  accuracy: number,
): { ability: number; slope: number } {
  let [low, high] = [0, grid.points - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (curve[middle]! < accuracy) low = middle;
    else high = middle;
  }
  const rise = curve[high]! - curve[low]!;
  const share = rise > 0 ? Math.min(1, Math.max(0, (accuracy - curve[low]!) / rise)) : 0.5;
  return { ability: grid.from + grid.step * (low + share), slope: rise / grid.step };
}

type State = {
  readonly chance: number;
  readonly discrimination: Float64Array;
  readonly difficulty: Float64Array;
  readonly ability: Float64Array;
  readonly right: Float64Array;
  readonly answers: Float64Array;
};

/** One damped Fisher scoring step of an item's ln a and b. */
function updateItem(state: State, item: number): void {
  const { ability, chance, right, answers } = state;
  const models = ability.length;
  const a = state.discrimination[item]!;
  const b = state.difficulty[item]!;
  const logA = Math.log(a);
  let gradientA = -logA / priors.logDiscrimination ** 2;
  let gradientB = -b / priors.difficulty ** 2;
  let hessianAA = 1 / priors.logDiscrimination ** 2;
  let hessianBB = 1 / priors.difficulty ** 2;
  let hessianAB = 0;
  for (let model = 0; model < models; model += 1) {
    const byA = a * (ability[model]! - b);
    const s = 1 / (1 + Math.exp(-byA));
    const p = chance + (1 - chance) * s;
    const slope = (1 - chance) * s * (1 - s);
    const n = answers[item * models + model]!;
    const weight = slope / Math.max(p * (1 - p), 1e-9);
    const score = (right[item * models + model]! - n * p) * weight;
    const information = n * slope * weight;
    gradientA += score * byA;
    gradientB -= score * a;
    hessianAA += information * byA * byA;
    hessianBB += information * a * a;
    hessianAB -= information * byA * a;
  }
  const determinant = hessianAA * hessianBB - hessianAB ** 2;
  const stepA = damp((hessianBB * gradientA - hessianAB * gradientB) / determinant);
  state.discrimination[item] = Math.exp(logA + stepA);
  state.difficulty[item] = b + damp((hessianAA * gradientB - hessianAB * gradientA) / determinant);
}

/** One damped step of every ability; the largest step taken. */
function updateAbilities(state: State): number {
  const { ability, chance, right, answers, discrimination, difficulty } = state;
  const models = ability.length;
  const gradient = ability.map((theta) => -theta / priors.ability ** 2);
  const hessian = new Float64Array(models).fill(1 / priors.ability ** 2);
  for (let item = 0; item < difficulty.length; item += 1) {
    const a = discrimination[item]!;
    const b = difficulty[item]!;
    for (let model = 0; model < models; model += 1) {
      const s = 1 / (1 + Math.exp(-a * (ability[model]! - b)));
      const p = chance + (1 - chance) * s;
      const slope = (1 - chance) * s * (1 - s);
      const n = answers[item * models + model]!;
      const weight = slope / Math.max(p * (1 - p), 1e-9);
      gradient[model]! += (right[item * models + model]! - n * p) * weight * a;
      hessian[model]! += n * slope * weight * a * a;
    }
  }
  let largest = 0;
  for (let model = 0; model < models; model += 1) {
    const step = damp(gradient[model]! / hessian[model]!);
    ability[model]! += step;
    largest = Math.max(largest, Math.abs(step));
  }
  return largest;
}

/** Fisher scoring far from the optimum overshoots. */
function damp(step: number): number {
  return Math.max(-1, Math.min(1, step));
}
