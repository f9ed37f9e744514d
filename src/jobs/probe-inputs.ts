import { z } from 'zod';
import { UserError } from '../error/index.ts';
import type { ProbeItem, ProbeLayout } from '../probe/index.ts';
import type { ActivationFile } from '../store/index.ts';
import type { Suite } from '../suite/index.ts';
import { textHashes } from './text-hashes.ts';

/** A file of states, with what was noted of the questions. */
export type ExtractedFile = Pick<ActivationFile, 'path' | 'items' | 'metadata'>;

const lengthsSchema = z.array(z.number().int().min(0));

/** The suite's questions as a probe sees them; lengths in tokens were noted when the states were extracted. */
export function probeItems(suite: Suite, file: ExtractedFile): ProbeItem[] {
  const prompt = readLengths(file, 'promptTokens');
  const suffix = readLengths(file, 'suffixTokens');
  const texts = questionTexts(suite);
  return suite.items.map((item, index) => ({
    id: item.id,
    task: item.task,
    group: item.group,
    text: texts[index] ?? '',
    textHashes: textHashes(item),
    promptTokens: prompt[index] ?? 0,
    suffixTokens: suffix[index] ?? 0,
  }));
}

/** What each item asks: its prompt, else its last message, without what all of its task's begin with. */
function questionTexts({ items }: Suite): string[] {
  const whole = items.map(({ prompt, messages }) => prompt ?? messages?.at(-1)?.content ?? '');
  const shared = new Map<string, string>();
  items.forEach(({ task }, index) => {
    const text = whole[index] ?? '';
    const prefix = shared.get(task) ?? text;
    let length = 0;
    while (length < prefix.length && prefix[length] === text[length]) length += 1;
    shared.set(task, prefix.slice(0, length));
  });
  return items.map(({ task }, index) => (whole[index] ?? '').slice(shared.get(task)?.length ?? 0));
}

/** What must agree between the states that a probe was fitted on and those it reads. */
export function probeLayout(
  suite: Suite,
  { hidden, metadata }: Pick<ActivationFile, 'hidden' | 'metadata'>,
  pass: Pick<ProbeLayout, 'layers' | 'exit'>,
): ProbeLayout {
  return {
    hidden,
    ...pass,
    pools: ['last', 'mean'],
    precision: metadata['precision'] === 'int8' ? 'int8' : 'f32',
    tokenizerHash: metadata['tokenizerSha256'] ?? '',
    suiteHash: suite.hash,
  };
}

function readLengths(file: ExtractedFile, key: string): readonly number[] {
  try {
    const lengths = lengthsSchema.parse(JSON.parse(file.metadata[key] ?? 'null'));
    if (lengths.length === file.items.length) return lengths;
  } catch (cause) {
    throw malformed(file, key, cause);
  }
  throw malformed(file, key, null);
}

function malformed(file: ExtractedFile, key: string, cause: unknown): UserError {
  return new UserError(
    `activations: expected metadata \`${key}\` with a length per item in ${file.path}; delete the file and extract again`,
    { cause },
  );
}
