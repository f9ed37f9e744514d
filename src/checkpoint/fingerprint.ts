import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { TensorInfo } from '../safetensors/index.ts';
import type { Shard } from './weight-files.ts';

/** Up to this size a checkpoint is hashed whole: it takes less than a second. */
const WHOLE_BYTES = 128 * 1024 * 1024;

/** Bytes read of one sampled tensor, from its middle. */
const SAMPLE_BYTES = 1024;

/** Samples of a whole checkpoint: some milliseconds on a local disk, some seconds on a slow network one. */
const MAX_SAMPLES = 4096;

/** Bytes per read of a file that is hashed whole. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * What tells these weights from others under the same name: SHA-256 over the shards' names, sizes and headers and over
 * bytes of the data. Small checkpoints are hashed whole; of large ones one kilobyte from the middle of every tensor (of
 * 4,096 of them, evenly chosen, where there are more), so a training step is noticed, but not a change of single values
 * elsewhere. Neither the path nor the configuration takes part.
 */
export async function fingerprintWeights(
  shards: readonly Shard[],
  wholeBytes: number = WHOLE_BYTES,
): Promise<string> {
  const hash = createHash('sha256');
  const total = shards.reduce((sum, { header }) => sum + header.size, 0);
  const tensors = shards.flatMap(({ header }) => [...header.tensors.values()]);
  const chosen = new Set(evenly(tensors, MAX_SAMPLES));
  for (const { name, header } of shards) {
    hash.update(JSON.stringify([name, header.size, header.headerSha256]));
    const handle = await open(header.file, 'r');
    try {
      if (total <= wholeBytes) await hashRange(hash, handle, 0, header.size);
      else
        await hashSamples(
          hash,
          handle,
          [...header.tensors.values()].filter((info) => chosen.has(info)),
        );
    } finally {
      await handle.close();
    }
  }
  return hash.digest('hex');
}

async function hashSamples(
  hash: Hash,
  handle: FileHandle,
  tensors: readonly TensorInfo[],
): Promise<void> {
  for (const { offset, byteLength } of tensors) {
    const length = Math.min(byteLength, SAMPLE_BYTES);
    const start = offset + Math.floor((byteLength - length) / 2);
    await hashRange(hash, handle, start, start + length);
  }
}

async function hashRange(
  hash: Hash,
  handle: FileHandle,
  start: number,
  end: number,
): Promise<void> {
  const buffer = new Uint8Array(Math.min(end - start, CHUNK_BYTES));
  for (let position = start; position < end; ) {
    const { bytesRead } = await handle.read(
      buffer,
      0,
      Math.min(buffer.length, end - position),
      position,
    );
    // The file has become shorter: the fingerprint differs from that of the whole file, as it should.
    if (bytesRead === 0) return;
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
}

function evenly<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items;
  return items.filter(
    (_, i) => Math.floor(((i + 1) * count) / items.length) > Math.floor((i * count) / items.length),
  );
}
