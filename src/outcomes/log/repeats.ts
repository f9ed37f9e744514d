import { outcomeGroup } from '../merge.ts';
import type { OutcomeRecord } from '../record.ts';

/** Records of a log that asked the same question several times: the answers are added up. */
export class Repeats {
  readonly #records = new Map<string, OutcomeRecord>();

  add(record: OutcomeRecord): void {
    const group = outcomeGroup(record);
    const known = this.#records.get(group);
    this.#records.set(group, known === undefined ? record : joined(known, record));
  }

  records(): Iterable<OutcomeRecord> {
    return this.#records.values();
  }
}

function joined(a: OutcomeRecord, b: OutcomeRecord): OutcomeRecord {
  const [ka, na, kb, nb] = [a.k ?? 0, a.n ?? 0, b.k ?? 0, b.n ?? 0];
  const k = a.kind === 'count' ? ka + kb : (ka * na + kb * nb) / (na + nb);
  return { ...a, k, n: na + nb };
}
