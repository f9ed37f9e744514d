import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../error/index.ts';
import {
  modelFromTensors,
  modelToTensors,
  type NamedTensor,
  parseProbeCard,
  type ProbeCard,
  type ProbeModel,
} from '../probe/index.ts';
import { readSafetensorsHeader, readTensor, writeSafetensors } from '../safetensors/index.ts';
import type { Store } from '../store/index.ts';

/** What a probe was fitted from, beside its card. */
export type ProbeOrigin = {
  suite: string;
  /** Hash of the suite's whole content. */
  suiteContentHash: string;
  /** The tasks taken of it. */
  tasks: string[];
  /** How the questions were asked, as the user said it. */
  render: 'auto' | 'prompt' | 'messages';
  /** Fingerprints of the fitted checkpoints, in their order. */
  fingerprints: string[];
};

const originSchema: z.ZodType<ProbeOrigin> = z.strictObject({
  suite: z.string(),
  suiteContentHash: z.string(),
  tasks: z.array(z.string()),
  render: z.enum(['auto', 'prompt', 'messages']),
  fingerprints: z.array(z.string()),
});

export type LoadedProbe = {
  /** Identity of the fitted probe behind the name. */
  readonly id: string;
  readonly origin: ProbeOrigin;
  readonly model: ProbeModel;
};

const files = { weights: 'probe.safetensors', card: 'card.json', origin: 'origin.json' } as const;

/** Keeps a fitted probe under its name: weights as safetensors, card and origin as JSON. */
export async function writeProbe(
  store: Store,
  model: ProbeModel,
  origin: ProbeOrigin,
): Promise<void> {
  const { card, tensors } = modelToTensors(model);
  await store.probes.write(model.card.name, async (folder) => {
    await writeSafetensors(join(folder, files.weights), tensors.map(toSource));
    await writeFile(join(folder, files.card), `${JSON.stringify(card, null, 2)}\n`);
    await writeFile(join(folder, files.origin), `${JSON.stringify(origin, null, 2)}\n`);
  });
}

/** @throws UserError where there is no probe of that name, or its files are not what Sonde writes. */
export async function loadProbe(store: Store, name: string): Promise<LoadedProbe> {
  const { id, dir, card, origin } = await readProbe(store, name);
  const { tensors: infos } = await readSafetensorsHeader(join(dir, files.weights));
  const tensors: NamedTensor[] = [];
  for (const info of infos.values()) {
    const bytes = await readTensor(info);
    const data =
      info.dtype === 'F64' ? new Float64Array(bytes.buffer) : new Float32Array(bytes.buffer);
    tensors.push({ name: info.name, shape: info.shape, data });
  }
  return { id, origin, model: modelFromTensors(card, tensors, dir) };
}

/** A probe's card and what it was fitted from, without its weights. */
export async function readProbeCard(
  store: Store,
  name: string,
): Promise<{ id: string; card: ProbeCard; origin: ProbeOrigin }> {
  const { id, dir, card, origin } = await readProbe(store, name);
  return { id, card: parseProbeCard(card, dir), origin };
}

/** A probe's card and what it was fitted from. */
export async function showProbe(
  store: Store,
  name: string,
): Promise<{ card: ProbeCard; origin: ProbeOrigin }> {
  const { origin, model } = await loadProbe(store, name);
  return { card: model.card, origin };
}

/** What a probe was fitted from, and its identity; its weights are not read. */
export async function readProbeOrigin(
  store: Store,
  name: string,
): Promise<{ readonly id: string; readonly origin: ProbeOrigin }> {
  const { id, origin } = await readProbe(store, name);
  return { id, origin };
}

async function readProbe(
  store: Store,
  name: string,
): Promise<{ id: string; dir: string; card: unknown; origin: ProbeOrigin }> {
  const found = await store.probes.find(name);
  if (found === null) {
    const names = (await store.probes.list()).map((probe) => probe.name);
    const known =
      names.length === 0 ? 'the store has none yet' : `the store has ${names.join(', ')}`;
    throw new UserError(
      `--probe: no probe \`${name}\` (${known}); fit one with sonde fit --name ${name}`,
    );
  }
  const origin = originSchema.safeParse(await readJson(join(found.dir, files.origin)));
  if (!origin.success) {
    throw new UserError(
      `probe \`${name}\`: expected what \`sonde fit\` writes in ${found.dir}, found something else; fit it again`,
      { cause: origin.error },
    );
  }
  const card = await readJson(join(found.dir, files.card));
  return { id: found.id, dir: found.dir, card, origin: origin.data };
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(`probe: cannot read ${path}: ${reason}; fit the probe again`, { cause });
  }
}

function toSource({ name, shape, data }: NamedTensor): {
  name: string;
  dtype: 'F32' | 'F64';
  shape: readonly number[];
  data: ArrayBufferView;
} {
  return { name, dtype: data instanceof Float64Array ? 'F64' : 'F32', shape, data };
}
