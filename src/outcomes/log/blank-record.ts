import type { OutcomeRecord } from '../record.ts';

type Named = Pick<OutcomeRecord, 'suite' | 'task' | 'checkpoint'>;

/** A record that says nothing but what is given: everything else is null. */
export function makeRecord(given: Named & Partial<OutcomeRecord>): OutcomeRecord {
  return { ...blank, ...given };
}

const blank: Omit<OutcomeRecord, keyof Named> = {
  item: null,
  k: null,
  n: null,
  kind: 'count',
  run: null,
  family: null,
  stage: null,
  step: null,
  tokens: null,
  params: null,
  paramsNonEmbedding: null,
  flops: null,
  chance: null,
  temperature: null,
  topP: null,
  topK: null,
  servedModel: null,
  seed: null,
  filter: null,
  render: null,
  promptSha256: null,
  fewShot: null,
  chatTemplate: null,
  documentHash: null,
  targetHash: null,
  source: null,
  loss: null,
  lossUnit: null,
};
