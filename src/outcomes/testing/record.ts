import type { OutcomeRecord } from '../index.ts';

/** A valid record: 3 of 10 at `run/step1`. */
export function record(changes: Partial<OutcomeRecord> = {}): OutcomeRecord {
  return {
    suite: 's',
    task: 't',
    item: 'i',
    checkpoint: 'run/step1',
    k: 3,
    n: 10,
    kind: 'count',
    run: 'run',
    family: null,
    stage: null,
    step: 1,
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
    ...changes,
  };
}
