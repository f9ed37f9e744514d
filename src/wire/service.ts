/** What the service says of itself. */
import { z } from 'zod';
import { type Answer, answerFields } from './values.ts';

export type Health = Answer & {
  readonly status: 'ok';
  /** An absent store is an empty one. */
  readonly store: 'present' | 'absent';
};

export const healthSchema: z.ZodType<Health> = z
  .strictObject({
    ...answerFields,
    status: z.literal('ok'),
    store: z.enum(['present', 'absent']),
  })
  .meta({ id: 'Health' });

export type ErrorCode =
  | 'bad-request'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'method-not-allowed'
  | 'conflict'
  | 'too-large'
  | 'busy'
  | 'internal';

/** Every answer that is no success. */
export type ErrorAnswer = {
  readonly error: { readonly code: ErrorCode; readonly message: string };
};

export const errorSchema: z.ZodType<ErrorAnswer> = z
  .strictObject({
    error: z.strictObject({
      code: z.enum([
        'bad-request',
        'unauthorized',
        'forbidden',
        'not-found',
        'method-not-allowed',
        'conflict',
        'too-large',
        'busy',
        'internal',
      ]),
      message: z.string(),
    }),
  })
  .meta({ id: 'Error' });
