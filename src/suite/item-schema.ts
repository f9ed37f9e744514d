import { z } from 'zod';
import type { Item } from './types.ts';

const text = z.string('a text');
const id = z
  .string('a text')
  .min(1, 'a text that is not empty')
  .max(4096, 'at most 4096 characters');
const message = z.strictObject({
  role: z.string('a text').min(1, 'a text that is not empty'),
  content: text,
});

/** A line of `items.jsonl`. What a suite wants to keep beside these fields goes into `meta`. */
export const itemSchema: z.ZodType<Item> = z.strictObject({
  task: id,
  id,
  prompt: text.min(1, 'a text that is not empty').nullable().default(null),
  messages: z
    .array(message, 'a list of {role, content}')
    .min(1, 'a list with at least one message')
    .nullable()
    .default(null),
  target: z
    .union([text, z.array(text)], 'a text or a list of accepted texts')
    .default([])
    .transform((target) => (typeof target === 'string' ? (target === '' ? [] : [target]) : target)),
  choices: z
    .array(text, 'a list of texts')
    .min(1, 'a list with at least one choice')
    .nullable()
    .default(null),
  group: z.string('a text').min(1, 'a text that is not empty').nullable().default(null),
  meta: z.record(z.string(), z.unknown(), 'an object').default({}),
});
