/**
 * TensorBoard's event files: records of protobuf messages, each with checksums of its length and of itself.
 * https://github.com/tensorflow/tensorboard: record_writer.py, compat/proto/event.proto and summary.proto.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** Scalars at one step. */
export type ScalarEvent = {
  /** Seconds since 1970. */
  readonly wallTime: number;
  /** Whole, from 0. */
  readonly step: number;
  readonly values: readonly (readonly [tag: string, value: number])[];
};

/** The whole file. */
export function encodeEvents(events: readonly ScalarEvent[]): Uint8Array {
  const version = new BinaryWriter();
  version.tag(1, WireType.Bit64).double(events[0]?.wallTime ?? 0);
  version.tag(3, WireType.LengthDelimited).string('brain.Event:2');
  return Buffer.concat([version.finish(), ...events.map(encodeEvent)].map(encodeRecord));
}

/** Zeros are not written: proto3 leaves them out. */
function encodeEvent({ wallTime, step, values }: ScalarEvent): Uint8Array {
  const event = new BinaryWriter();
  if (wallTime !== 0) event.tag(1, WireType.Bit64).double(wallTime);
  if (step !== 0) event.tag(2, WireType.Varint).int64(step);
  event.tag(5, WireType.LengthDelimited).fork();
  for (const [tag, value] of values) {
    event.tag(1, WireType.LengthDelimited).fork();
    event.tag(1, WireType.LengthDelimited).string(tag);
    // One of several kinds of value: it is written even where it is 0.
    event.tag(2, WireType.Bit32).float(value);
    event.join();
  }
  return event.join().finish();
}

function encodeRecord(message: Uint8Array): Uint8Array {
  const record = Buffer.alloc(message.length + 16);
  record.writeBigUInt64LE(BigInt(message.length), 0);
  record.writeUInt32LE(maskedChecksum(record.subarray(0, 8)), 8);
  record.set(message, 12);
  record.writeUInt32LE(maskedChecksum(message), 12 + message.length);
  return record;
}

/** Turned and moved, so that a checksum of checksums is none of the trivial ones. */
function maskedChecksum(bytes: Uint8Array): number {
  const crc = castagnoli(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** CRC-32C, reflected polynomial 0x82f63b78 (RFC 3720, B.4); Node's own `crc32` has another one. */
function castagnoli(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc;
}
