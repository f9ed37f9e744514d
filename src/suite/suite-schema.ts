import { z } from 'zod';
import type { Grader, Task } from './types.ts';

const plainGraders = ['exact', 'normalized', 'number', 'math', 'choice'] as const;
const graderNames =
  'one of exact, normalized, number, math, regex (with a pattern), choice, loglikelihood';

function compiles(grader: { pattern: string; flags: string }): boolean {
  try {
    return new RegExp(grader.pattern, grader.flags) instanceof RegExp;
  } catch (cause) {
    if (cause instanceof SyntaxError) return false;
    throw cause;
  }
}

const regexGrader = z
  .strictObject({
    type: z.literal('regex'),
    pattern: z.string('a regular expression').min(1, 'a regular expression'),
    flags: z
      .string('flags')
      .regex(/^[imsu]*$/, 'made of the flags i, m, s, u')
      .default(''),
  })
  .refine(compiles, {
    message: 'a regular expression that JavaScript compiles',
    path: ['pattern'],
    when: (payload) => payload.issues.length === 0,
  });

const plainGrader = z
  .strictObject({ type: z.enum(plainGraders, graderNames) })
  .transform(({ type }): Grader => ({ type }));

const likelihoodGrader = z
  .strictObject({ type: z.literal('loglikelihood'), delimiter: z.string('a text').optional() })
  .transform(
    ({ type, delimiter }): Grader => (delimiter === undefined ? { type } : { type, delimiter }),
  );

/** `exact` is short for `{ type: exact }`. */
const grader = z.preprocess(
  (value) => (typeof value === 'string' ? { type: value } : value),
  z.discriminatedUnion('type', [regexGrader, likelihoodGrader, plainGrader], graderNames),
);

const stop = z.string('a text').min(1, 'a text that is not empty');

const task = z.strictObject({
  chance: z
    .number('a number from 0 to 1')
    .min(0, 'a number from 0 to 1')
    .max(1, 'a number from 0 to 1'),
  maxTokens: z
    .int('a whole number of at least 1')
    .min(1, 'a whole number of at least 1')
    .max(1_000_000, 'at most 1000000'),
  stop: z
    .array(stop, 'a list of texts')
    .default([])
    .transform((texts): readonly string[] => texts),
  grader,
  filter: z.string('a filter name').min(1, 'a filter name').nullable().default(null),
});

export const maxTaskName = 512;

const taskName = z
  .string()
  .min(1, 'a task name that is not empty')
  .max(maxTaskName, `a task name of at most ${maxTaskName} characters`);

/** Zod's own records leave a task out that is called `__proto__`. */
function entriesOf(value: unknown): unknown {
  const isTable = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isTable ? new Map(Object.entries(value)) : value;
}

/** `suite.yaml` as contract.md has it; unknown fields are refused by name. */
export const suiteSchema: z.ZodType<SuiteHeader> = z.strictObject({
  name: z.string('a text').min(1, 'a text that is not empty').max(512, 'at most 512 characters'),
  version: z.union([z.string(), z.number()], 'a text or a number').transform(String),
  description: z.string('a text').optional(),
  tasks: z
    .preprocess(entriesOf, z.map(taskName, task, 'a table of tasks'))
    .transform((tasks) => new Map([...tasks].map(([name, value]) => [name, { name, ...value }])))
    .refine((tasks) => tasks.size > 0, 'a table with at least one task'),
});

/** What `suite.yaml` says, without the items. */
export type SuiteHeader = {
  name: string;
  version: string;
  description?: string | undefined;
  tasks: Map<string, Task>;
};
