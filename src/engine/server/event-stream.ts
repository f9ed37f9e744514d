import { z } from 'zod';
import { parseJson } from './server-fault.ts';

const piece = z.object({
  choices: z
    .array(
      z.object({
        index: z.number().int().min(0).max(4096).default(0),
        delta: z.object({ content: z.string().nullish() }).nullish(),
        text: z.string().nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .default([]),
  usage: z.unknown().optional(),
});

type Joined = { index: number; text: string; finish_reason: string | null };

/**
 * Puts the pieces of a streamed reply together, as if the server had sent it whole: `transformers serve` streams whatever
 * it is asked for. Undefined where a piece is no JSON of the OpenAI API, or an answer has no end.
 */
export function joinEvents(stream: string): unknown {
  const choices = new Map<number, Joined>();
  let usage: unknown = null;
  for (const line of stream.split(/\r?\n/)) {
    const data = /^data:\s*(.*)$/.exec(line)?.[1];
    if (data === undefined || data === '[DONE]') continue;
    const event = piece.safeParse(parseJson(data));
    if (!event.success) return undefined;
    for (const { index, delta, text, finish_reason: reason } of event.data.choices) {
      const known = choices.get(index) ?? { index, text: '', finish_reason: null };
      choices.set(index, known);
      known.text += delta?.content ?? text ?? '';
      known.finish_reason = reason ?? known.finish_reason;
    }
    usage = event.data.usage ?? usage;
  }
  const all = [...choices.values()];
  if (all.length === 0 || all.some((choice) => choice.finish_reason === null)) return undefined;
  return {
    choices: all.map((choice) => ({ ...choice, message: { content: choice.text } })),
    usage,
  };
}
