import { createHash } from 'node:crypto';
import type { Ladder } from '../../forecast/index.ts';
import { canonicalJson } from '../../store/index.ts';

/** SHA-256 (hex) of every number and name that a forecast of this benchmark sees. */
export function hashLadder({ items, anchors, ...ladder }: Ladder): string {
  const hash = createHash('sha256');
  const numbers = (values: Float64Array | null): void => {
    hash.update(values === null ? 'none\n' : `${values.length} numbers\n`);
    if (values !== null) {
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  };
  const { suite, task, chance, models, panel, accuracy, variance, loss } = ladder;
  const withoutRates = anchors.map((anchor) => ({ ...anchor, rates: null }));
  hash.update(canonicalJson({ suite, task, chance, models, panel, anchors: withoutRates }));
  hash.update(canonicalJson(items?.ids ?? null));
  for (const values of [accuracy, variance, loss]) numbers(values);
  numbers(items?.right ?? null);
  numbers(items?.answers ?? null);
  for (const { rates } of anchors) numbers(rates);
  return hash.digest('hex');
}
