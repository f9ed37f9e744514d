import { z } from 'zod';
import { UserError } from '../error/index.ts';
import type { Activations as ProbeActivations, ProbeItem, ProbeLayout } from '../probe/index.ts';
import type { ActivationFile } from '../store/index.ts';
import type { Suite } from '../suite/index.ts';

const lengthsSchema = z.array(z.number().int().min(0));

/** The suite's questions as a probe sees them; lengths in tokens were noted when the states were extracted. */
export function probeItems(suite: Suite, file: ActivationFile): ProbeItem[] {
  const prompt = readLengths(file, 'promptTokens');
  const suffix = readLengths(file, 'suffixTokens');
  return suite.items.map(({ id, task, group }, index) => ({
    id,
    task,
    group,
    promptTokens: prompt[index] ?? 0,
    suffixTokens: suffix[index] ?? 0,
  }));
}

/** A stored file as the probe reads it. */
export async function probeActivations(file: ActivationFile): Promise<ProbeActivations> {
  return { states: (pool, layer) => file.states(pool, layer), output: await file.output() };
}

/** What must agree between the states that a probe was fitted on and those it reads. */
export function probeLayout(suite: Suite, file: ActivationFile): ProbeLayout {
  return {
    hidden: file.hidden,
    layers: file.layers.length,
    pools: ['last', 'mean'],
    tokenizerHash: file.metadata['tokenizerSha256'] ?? '',
    suiteHash: suite.hash,
  };
}

function readLengths(file: ActivationFile, key: string): readonly number[] {
  try {
    const lengths = lengthsSchema.parse(JSON.parse(file.metadata[key] ?? 'null'));
    if (lengths.length === file.items.length) return lengths;
  } catch (cause) {
    throw malformed(file, key, cause);
  }
  throw malformed(file, key, null);
}

function malformed(file: ActivationFile, key: string, cause: unknown): UserError {
  return new UserError(
    `activations: expected metadata \`${key}\` with a length per item in ${file.path}; delete the file and extract again`,
    { cause },
  );
}
