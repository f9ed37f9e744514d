const stages: readonly string[] = ['pretrain', 'midtrain', 'sft', 'dpo', 'rl'];

/** Place of a stage in the order of training; −1, before all others, for one that is none of them or unknown. */
export function stageRank(stage: string | null): number {
  return stages.indexOf(stage ?? '');
}
