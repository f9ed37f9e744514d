import type { LogModel } from '../importer.ts';

/** A model that one text names: `EleutherAI/pythia-1b@step1000` names a revision. */
export function modelNamed(text: string): LogModel {
  const at = text.lastIndexOf('@');
  return at > 0 && at < text.length - 1
    ? { name: text.slice(0, at), revision: text.slice(at + 1) }
    : { name: text, revision: null };
}
