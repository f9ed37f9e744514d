import { expect, it } from 'vitest';
import { record } from '../../outcomes/testing/record.ts';
import { createClaimCheck } from './check-claims.ts';

it('says which of the harness’s numbers its rows do not give', () => {
  const check = createClaimCheck();
  check.add(record({ item: 'a', k: 1, n: 1, filter: 'acc,none' }));
  check.add(record({ item: 'b', k: 1, n: 4, filter: 'acc,none' }));
  check.add(record({ item: 'a', k: 0.5, n: 3, kind: 'score', filter: 'f1,none' }));
  check.add(record({ item: null, k: 9, n: 10, filter: 'acc,none' }));
  const of = { task: 't', checkpoint: 'run/step1' };
  check.claim({ ...of, filter: 'acc,none', accuracy: 0.625 });
  check.claim({ ...of, filter: 'f1,none', accuracy: 0.6 });
  check.claim({ ...of, filter: 'bleu,none', accuracy: 0.1 });
  expect(check.disagreements()).toEqual([
    'task `t` (f1,none): the harness wrote 0.6, the mean over its 1 questions is 0.5: the rows are kept as they are',
  ]);
});
