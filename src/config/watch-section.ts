import { z } from 'zod';

const names = z.array(z.string().min(1)).min(1);
const seconds = z.number().nonnegative();
const kinds = z.array(
  z.enum(['drop', 'below-forecast', 'drift', 'stage-break', 'remeasure', 'stalled']),
);
const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected a variable’s name');

/** `watch:` of sonde.yaml. Secrets stand in the environment: the file names the variable. */
export const watchSchema: z.ZodType<WatchSection> = z.strictObject({
  probes: names.optional(),
  tasks: names.optional(),
  ladder: names.optional(),
  poll: seconds.optional(),
  quiet_period: seconds.optional(),
  label: z
    .strictObject({
      questions: z.number().int().min(2),
      samples: z.number().int().min(1).optional(),
      temperature: z.number().min(0).optional(),
      top_p: z.number().gt(0).max(1).optional(),
      seed: z.number().int().min(0).optional(),
    })
    .optional(),
  alerts: z
    .strictObject({
      least_drop: z.number().min(0).max(1).optional(),
      stalled_after: z.number().positive().optional(),
      ignore: kinds.optional(),
    })
    .optional(),
  notify: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        url_env: variable,
        form: z.enum(['json', 'slack']).optional(),
        kinds: kinds.min(1).optional(),
      }),
    )
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, {
      message: 'expected names that differ',
    })
    .optional(),
  export: z
    .strictObject({
      tensorboard: z.string().min(1).optional(),
      prometheus: z.string().min(1).optional(),
      jsonl: z.string().min(1).optional(),
    })
    .optional(),
});

type AlertKind = 'drop' | 'below-forecast' | 'drift' | 'stage-break' | 'remeasure' | 'stalled';

/** As it is written; what is absent is not stated. */
export type WatchSection = {
  /** Fitted probes, each with its suite. */
  probes?: string[] | undefined;
  tasks?: string[] | undefined;
  /** Checkpoints whose outcomes say what is to be expected at each new one's compute. */
  ladder?: string[] | undefined;
  /** Seconds between two looks. */
  poll?: number | undefined;
  /** Seconds without a change until a checkpoint counts as written. */
  quiet_period?: number | undefined;
  /** Questions to label, over all tasks, where a task is to be measured again. */
  label?:
    | {
        questions: number;
        samples?: number | undefined;
        temperature?: number | undefined;
        top_p?: number | undefined;
        seed?: number | undefined;
      }
    | undefined;
  alerts?:
    | {
        /** A smaller drop, in accuracy, is none, however sure it is. */
        least_drop?: number | undefined;
        /** Seconds without a new checkpoint. */
        stalled_after?: number | undefined;
        ignore?: AlertKind[] | undefined;
      }
    | undefined;
  notify?:
    | {
        name: string;
        /** The environment variable that holds the URL. */
        url_env: string;
        form?: 'json' | 'slack' | undefined;
        kinds?: AlertKind[] | undefined;
      }[]
    | undefined;
  /** Files and folders, relative to sonde.yaml. */
  export?:
    | {
        tensorboard?: string | undefined;
        prometheus?: string | undefined;
        jsonl?: string | undefined;
      }
    | undefined;
};
