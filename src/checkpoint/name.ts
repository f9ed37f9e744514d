export type Stage = 'pretrain' | 'midtrain' | 'sft' | 'dpo' | 'rl';

export type NameFacts = {
  stage: Stage | null;
  step: number | null;
  tokens: number | null;
  /** False for `tokens4B`: a rounded number never conflicts with an exact one. */
  tokensExact: boolean;
};

const STAGES: Readonly<Record<string, Stage>> = {
  stage1: 'pretrain',
  pretrain: 'pretrain',
  pretraining: 'pretrain',
  stage2: 'midtrain',
  midtrain: 'midtrain',
  midtraining: 'midtrain',
  sft: 'sft',
  dpo: 'dpo',
  rl: 'rl',
  rlvr: 'rl',
  grpo: 'rl',
  ppo: 'rl',
};

const UNITS: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, B: 1e9, T: 1e12 };

/** A part of a name ends at a separator: `step11921+11000` (an average of checkpoints) has no one step. */
const STEP = /(?<=^|[-_.])(?:global_?step|step|checkpoint|ckpt|iter)[-_]?(\d+)(?=$|[-_.])/gi;
const TOKENS = /(?<=^|[-_.])tokens?[-_]?(\d+(?:\.\d+)?)([KMBT])?(?=$|[-_.])/gi;
const STAGE = new RegExp(`(?<=^|[-_.])(${Object.keys(STAGES).join('|')})(?=$|[-_.])`, 'gi');

/**
 * What the name of a checkpoint's directory says: `step1000`, `step1000-tokens4B`, `stage1-step1000-tokens4B`,
 * `checkpoint-1000`, `global_step1000`, `step_1000`, `iter_0001000`, `sft-step100`, with further parts around them
 * (`-hf`, `-unsharded`, `-ingredient1`). Where a part stands twice with different values it says nothing.
 */
export function parseName(name: string): NameFacts {
  const step = onlyNumber([...name.matchAll(STEP)].map(([, digits]) => Number(digits)));
  const tokenMatches = [...name.matchAll(TOKENS)];
  const tokens = onlyNumber(tokenMatches.map(([, digits, unit]) => countOf(digits, unit)));
  const stages = new Set([...name.matchAll(STAGE)].map(([word]) => STAGES[word.toLowerCase()]));
  const [stage] = stages;
  return {
    stage: stages.size === 1 && stage !== undefined ? stage : null,
    step,
    tokens,
    tokensExact: tokens !== null && tokenMatches.every(([, , unit]) => unit === undefined),
  };
}

function countOf(digits: string | undefined, unit: string | undefined): number {
  return Math.round(Number(digits) * (unit === undefined ? 1 : (UNITS[unit.toUpperCase()] ?? 1)));
}

function onlyNumber(values: readonly number[]): number | null {
  const [first] = values;
  const agreed =
    first !== undefined && Number.isSafeInteger(first) && values.every((value) => value === first);
  return agreed ? first : null;
}
