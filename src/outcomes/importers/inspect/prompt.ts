import type { SuiteMessage } from '../../../suite/index.ts';
import { fieldIn, isObject, listIn, textIn } from '../../log/fields.ts';

/** A text that a log keeps apart, once for all places that have it. */
const reference = /^attachment:\/\/([0-9a-f]+)$/;

/** Images, sounds and documents are no text: a question that has one cannot be kept. */
type Content = string | null;

/** The texts of a message's content, one a line; null where it holds something else. */
function contentText(content: unknown): Content {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return null;
  const texts: string[] = [];
  for (const part of content as readonly unknown[]) {
    const type = textIn(part, 'type');
    if (type === 'reasoning') continue;
    const text = fieldIn(part, 'text');
    if (type !== 'text' || typeof text !== 'string') return null;
    texts.push(text);
  }
  return texts.join('\n');
}

type Turn = { role: string; content: Content };

/**
 * Gathers what a model was given out of a conversation: the messages in front of its first answer. Answers of solved
 * examples stand among them: they are marked as input, or come before an answer that is marked as the model's own.
 */
export class PromptGatherer {
  readonly #turns: Turn[] = [];
  /** Of the first answer without a mark: the prompt ends there unless a marked one follows. */
  #unmarked: number | null = null;
  /** Answers that the question's own input brings along. */
  #examples: number;

  constructor(input: unknown) {
    const messages = Array.isArray(input) ? (input as readonly unknown[]) : [];
    this.#examples = messages.filter((one) => textIn(one, 'role') === 'assistant').length;
  }

  /** False once the prompt is whole. */
  add(message: unknown): boolean {
    const role = textIn(message, 'role') ?? '';
    if (role === 'assistant') {
      const source = textIn(message, 'source');
      if (source === 'generate') {
        this.#unmarked = null;
        return false;
      }
      if (this.#examples > 0) this.#examples -= 1;
      else if (source === null) this.#unmarked ??= this.#turns.length;
    }
    this.#turns.push({ role, content: contentText(fieldIn(message, 'content')) });
    return true;
  }

  /** Null where it holds more than text; empty where there was no message. */
  messages(): SuiteMessage[] | null {
    return textsOnly(this.#turns.slice(0, this.#unmarked ?? this.#turns.length));
  }
}

function textsOnly(turns: readonly Turn[]): SuiteMessage[] | null {
  const messages: SuiteMessage[] = [];
  for (const { role, content } of turns) {
    if (content === null) return null;
    messages.push({ role, content });
  }
  return messages;
}

/** The question's own input as messages, where the log holds no conversation. */
export function inputMessages(input: unknown): SuiteMessage[] | null {
  if (typeof input === 'string') return [{ role: 'user', content: input }];
  if (!Array.isArray(input)) return null;
  return textsOnly(
    (input as readonly unknown[]).map((message) => ({
      role: textIn(message, 'role') ?? '',
      content: contentText(fieldIn(message, 'content')),
    })),
  );
}

export function hasReferences(messages: readonly SuiteMessage[]): boolean {
  return messages.some(({ content }) => reference.test(content));
}

/** Null where one of the texts that are kept apart is not there. */
export async function resolveReferences(
  messages: readonly SuiteMessage[],
  textOf: (name: string) => Promise<string | null>,
): Promise<SuiteMessage[] | null> {
  const resolved: SuiteMessage[] = [];
  for (const message of messages) {
    const name = reference.exec(message.content)?.[1];
    const content = name === undefined ? message.content : await textOf(name);
    if (content === null) return null;
    resolved.push({ ...message, content });
  }
  return resolved;
}

/** The first answer of a model's output. */
export function outputText(output: unknown): string | null {
  const [choice] = listIn(output, 'choices') ?? [];
  const message = fieldIn(choice, 'message');
  const text = isObject(message) ? contentText(message['content']) : null;
  return text ?? textIn(output, 'completion');
}
