import { z } from 'zod';
import { numberOrNull, textOrNull } from './values.ts';

export type Checkpoint = {
  readonly checkpoint: string;
  /** A checkpoint of no known run stands alone: a run of its own, under its id. */
  readonly run: string;
  readonly family: string | null;
  /** `pretrain`, `midtrain`, `sft`, `dpo`, `rl`, or what the records say. */
  readonly stage: string | null;
  readonly step: number | null;
  /** Training tokens seen. */
  readonly tokens: number | null;
  readonly params: number | null;
  readonly paramsNonEmbedding: number | null;
  /** Training FLOPs. */
  readonly flops: number | null;
  /** Of the weights; null where no folder of it was ever seen. */
  readonly fingerprint: string | null;
};

export const checkpointSchema: z.ZodType<Checkpoint> = z
  .strictObject({
    checkpoint: z.string(),
    run: z.string(),
    family: textOrNull,
    stage: textOrNull,
    step: numberOrNull,
    tokens: numberOrNull,
    params: numberOrNull,
    paramsNonEmbedding: numberOrNull,
    flops: numberOrNull,
    fingerprint: textOrNull,
  })
  .meta({ id: 'Checkpoint' });
