import { createHash } from 'node:crypto';
import { promptSha256, type Render, type SuiteMessage } from '../../../suite/index.ts';
import { isObject, type JsonObject, textIn } from '../../log/fields.ts';
import { isLabel } from './detect.ts';

/** What a model was given: a text, or messages. */
export type AskedPrompt = {
  readonly render: Render;
  readonly prompt: string | null;
  readonly messages: readonly SuiteMessage[] | null;
};

const roles: Readonly<Record<string, string>> = {
  HUMAN: 'user',
  BOT: 'assistant',
  SYSTEM: 'system',
};

/** Null for conversations of several rounds, which are no single question, and for what is neither text nor messages. */
export function askedPrompt(origin: unknown): AskedPrompt | null {
  if (typeof origin === 'string' && origin !== '') {
    return { render: 'prompt', prompt: origin, messages: null };
  }
  if (!Array.isArray(origin) || origin.length === 0) return null;
  const messages: SuiteMessage[] = [];
  for (const turn of origin as readonly unknown[]) {
    const role = textIn(turn, 'role');
    const content = isObject(turn) ? (turn['prompt'] ?? turn['content']) : null;
    if (role === null || typeof content !== 'string') return null;
    messages.push({ role: Object.hasOwn(roles, role) ? (roles[role] ?? role) : role, content });
  }
  return { render: 'messages', prompt: null, messages };
}

export function hashPrompt({ render, prompt, messages }: AskedPrompt): string {
  return promptSha256({ id: '', prompt, messages }, render);
}

/** Stands for the texts of which the perplexities were taken, one a label; null where there are none. */
export function hashLabels(answer: JsonObject): string | null {
  const texts = Object.entries(answer).flatMap(([key, value]) => {
    const text = textIn(value, 'prompt');
    return text === null ? [] : [[isLabel(key) ? key.slice('label: '.length) : key, text]];
  });
  return texts.length === 0 ? null : sha256(JSON.stringify(texts));
}

export function hashTarget(target: unknown): string | null {
  if (target === null || target === undefined) return null;
  return sha256(typeof target === 'string' ? target : JSON.stringify(target));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The accepted answers as texts. */
export function targetsOf(target: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(target) ? target : [target];
  return list.flatMap((one) => (one === null || one === undefined ? [] : (pythonText(one) ?? [])));
}

/** As Python's `str` writes it; null for what it writes otherwise than anything here. */
export function pythonText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return null;
}
