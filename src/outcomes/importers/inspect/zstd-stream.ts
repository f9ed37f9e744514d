import { ZSTDDecoder } from 'zstddec/stream';

const decoder = new ZSTDDecoder();

/** Loads the decoder; to be awaited before anything is expanded. */
export async function loadZstd(): Promise<void> {
  await decoder.init();
}

/** All of a zstd stream that expands to so many bytes; fewer where it is damaged. */
export function zstdWhole(compressed: Buffer, bytes: number): Buffer {
  // Without a size the decoder takes the one that the stream claims.
  if (bytes === 0) return Buffer.alloc(0);
  const { buffer, byteOffset, byteLength } = decoder.decode(compressed, bytes);
  return Buffer.from(buffer, byteOffset, byteLength);
}

/**
 * What a zstd stream of any number of frames expands to, in pieces of at most 128 KiB. Windows of more than 128 MiB are
 * refused by the decoder.
 *
 * @throws Error for what is no zstd stream, or is cut short.
 */
export function* zstdPieces(compressed: Iterable<Buffer>): Generator<Buffer> {
  // The decoder gives an empty piece again and again where it can take no more of a damaged stream.
  const fruitless = { calls: 0 };
  const noting = function* (): Generator<Buffer> {
    for (const piece of compressed) {
      fruitless.calls = 0;
      yield piece;
    }
  };
  for (const { buffer, byteOffset, byteLength } of decoder.decodeStreaming(noting())) {
    if (byteLength > 0) {
      fruitless.calls = 0;
      yield Buffer.from(buffer, byteOffset, byteLength);
    } else fruitless.calls += 1;
    if (fruitless.calls > maxFruitless) throw new Error('the zstd stream is damaged');
  }
}

/** A sound stream makes a few calls that give nothing: between frames, at the end of a header. */
const maxFruitless = 1000;
