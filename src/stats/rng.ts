import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** A stream of random numbers that belongs to its key: equal keys give equal streams, in any order of creation. */
export type RandomStream = {
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Uniform whole number in [0, size). */
  integer(size: number): number;
  /** Standard normal, by the polar method of Marsaglia. */
  normal(): number;
};

/**
 * A stream keyed by the parts joined as text (xoroshiro128+, its state taken from the SHA-256 of the key). Parts are
 * written with their length in front, so ('a', 'bc') and ('ab', 'c') are different streams.
 */
export function randomStream(...key: readonly (string | number)[]): RandomStream {
  const digest = createHash('sha256').update(keyText(key)).digest();
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map((at) => digest.readInt32LE(at)));
  return {
    uniform: () => uniformFloat64(generator),
    integer: (size) => uniformInt(generator, 0, size - 1),
    normal: () => {
      for (;;) {
        const x = 2 * uniformFloat64(generator) - 1;
        const y = 2 * uniformFloat64(generator) - 1;
        const r = x * x + y * y;
        if (r > 0 && r < 1) return x * Math.sqrt((-2 * Math.log(r)) / r);
      }
    },
  };
}

/** One number in [0, 1) that depends on the key alone (the first 53 bits of its SHA-256): for keyed assignments. */
export function keyedUniform(...key: readonly (string | number)[]): number {
  const digest = createHash('sha256').update(keyText(key)).digest();
  return (digest.readUInt32LE(0) * 2 ** 21 + (digest.readUInt32LE(4) >>> 11)) / 2 ** 53;
}

function keyText(key: readonly (string | number)[]): string {
  return key.map((part) => `${String(part).length}:${part}`).join('');
}
