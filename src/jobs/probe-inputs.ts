import { z } from 'zod';
import { UserError } from '../error/index.ts';
import type {
  Activations as ProbeActivations,
  ProbeItem,
  ProbeLayout,
  TokenStates,
} from '../probe/index.ts';
import type { ActivationFile, Store } from '../store/index.ts';
import type { Suite } from '../suite/index.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import type { SuiteRequest } from './known-suite.ts';
import type { JobContext } from './progress.ts';
import type { StateCache } from './state-cache.ts';
import { textHashes } from './text-hashes.ts';
import { ensureTokenStates } from './token-states.ts';

const lengthsSchema = z.array(z.number().int().min(0));

/** The suite's questions as a probe sees them; lengths in tokens were noted when the states were extracted. */
export function probeItems(suite: Suite, file: ActivationFile): ProbeItem[] {
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

/** A stored file as the probe reads it. */
export async function probeActivations(
  file: ActivationFile,
  cache: StateCache,
): Promise<ProbeActivations> {
  return {
    states: (pool, layer) => cache.read(file, pool, layer),
    output: await file.output(),
    nextTokens: await file.nextTokens(),
    likelihood: await file.likelihood(),
  };
}

/** Most tokens of a question whose states are kept: its last ones. */
const MOST_TOKENS = 64;

/** States of single tokens, from the store or computed now. */
export async function probeTokenStates(
  store: Store,
  about: {
    readonly checkpoint: KnownCheckpoint;
    readonly suite: Suite;
    readonly render: SuiteRequest['render'];
    readonly layers: readonly number[];
  },
  context: JobContext,
): Promise<TokenStates> {
  const { checkpoint, layers, ...asked } = about;
  const request = { ...asked, layers, maxTokens: MOST_TOKENS, dtype: 'F32' } as const;
  const { file } = await ensureTokenStates(store, checkpoint, request, context);
  const positions = file.lengths.reduce((most, length) => Math.max(most, length), 1);
  return { layers, hidden: file.hidden, positions, read: file.read };
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
