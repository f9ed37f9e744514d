/** Largest block of the format. */
const blockBytes = 2 ** 17;

/** Bytes as a frame of Zstandard (RFC 8878) whose blocks are stored as they are. */
export function zstdFrame(bytes: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32LE(0xfd2fb528, 0);
  // The size of the content in eight bytes, no window: a single segment.
  header.writeUInt8(0b1110_0000, 4);
  header.writeBigUInt64LE(BigInt(bytes.length), 5);
  const blocks: Uint8Array[] = [header];
  for (let start = 0; start === 0 || start < bytes.length; start += blockBytes) {
    const block = bytes.subarray(start, start + blockBytes);
    const isLast = start + blockBytes >= bytes.length;
    const head = Buffer.alloc(3);
    head.writeUIntLE((block.length << 3) | (isLast ? 1 : 0), 0, 3);
    blocks.push(head, block);
  }
  return Buffer.concat(blocks);
}
