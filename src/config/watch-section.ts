import { z } from 'zod';
import { type AlertKind, alertKinds } from '../wire/index.ts';

const text = z.string('a text').min(1, 'a text that is not empty');
const names = z.array(text, 'a list of names').min(1, 'a list with at least one name');
const seconds = z.number('seconds').nonnegative('seconds, at least 0');
const share = z
  .number('a number from 0 to 1')
  .min(0, 'a number from 0 to 1')
  .max(1, 'a number from 0 to 1');
const kinds = z.array(
  z.enum(alertKinds, `one of ${alertKinds.join(', ')}`),
  'a list of kinds of alerts',
);
const variable = z
  .string('a variable’s name')
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable’s name');
const whole = (least: number): z.ZodNumber => {
  const expected = `a whole number of at least ${least}`;
  return z.number(expected).int(expected).min(least, expected);
};

/** `watch:` of sonde.yaml. Secrets stand in the environment: the file names the variable. */
export const watchSchema: z.ZodType<WatchSection> = z.strictObject({
  probes: names.optional(),
  tasks: names.optional(),
  ladder: names.optional(),
  poll: seconds.optional(),
  quiet_period: seconds.optional(),
  label: z
    .strictObject({
      questions: whole(2),
      samples: whole(1).optional(),
      temperature: z.number('a number of at least 0').min(0, 'a number of at least 0').optional(),
      top_p: z
        .number('a number above 0, at most 1')
        .gt(0, 'a number above 0, at most 1')
        .max(1, 'a number above 0, at most 1')
        .optional(),
      seed: whole(0).optional(),
    })
    .optional(),
  alerts: z
    .strictObject({
      least_drop: share.optional(),
      stalled_after: z.number('seconds').positive('seconds, above 0').optional(),
      ignore: kinds.optional(),
    })
    .optional(),
  notify: z
    .array(
      z.strictObject({
        name: text,
        url_env: variable,
        form: z.enum(['json', 'slack'], 'json or slack').optional(),
        kinds: kinds.min(1, 'a list with at least one kind').optional(),
      }),
      'a list of whom to tell',
    )
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, {
      message: 'a list with names that differ',
    })
    .optional(),
  export: z
    .strictObject({
      tensorboard: text.optional(),
      prometheus: text.optional(),
      jsonl: text.optional(),
    })
    .optional(),
});

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
