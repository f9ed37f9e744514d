import type { OutcomeRecord } from '../record.ts';
import { validateRecord } from '../validate-record.ts';

/**
 * Records whose texts and numbers come from a log as they are, checked one by one.
 *
 * @throws UserError naming the file and the question of the first that no record may hold.
 */
export async function* validRecords(
  records: AsyncIterable<OutcomeRecord>,
  name: string,
): AsyncGenerator<OutcomeRecord> {
  for await (const record of records) {
    const about = (record.item ?? record.task).slice(0, 80);
    validateRecord(record, `\`${name}\`, \`${about}\``);
    yield record;
  }
}
