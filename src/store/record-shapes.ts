import type { SqlRow, SqlValue } from './connection.ts';
import { someNumber, someText, text } from './outcome-rows.ts';
import type { RecordShape } from './record-parts.ts';

/** One sampled answer with its grade. */
export type AnswerRecord = {
  suite: string;
  task: string;
  item: string;
  checkpoint: string;
  /** Of the checkpoint's weights; null where they are behind a server. */
  fingerprint: string | null;
  render: string;
  promptSha256: string;
  temperature: number;
  topP: number;
  seed: number;
  /** From 0. */
  sample: number;
  /** Cut at the stop string. */
  answer: string;
  /** Sampled tokens. */
  tokens: number;
  /** 0…1. */
  grade: number;
  source: string;
};

/** What a probe says of one item at one checkpoint. */
export type PredictionRecord = {
  suite: string;
  task: string;
  item: string;
  checkpoint: string;
  fingerprint: string;
  promptSha256: string;
  probe: string;
  /** Identity of the fitted probe behind the name. */
  probeId: string;
  /** Predicted probability of a right answer, 0…1. */
  p: number;
};

export const answerShape: RecordShape<AnswerRecord> = {
  kind: 'answers',
  columns: [
    { name: 'suite', type: 'VARCHAR' },
    { name: 'task', type: 'VARCHAR' },
    { name: 'item', type: 'VARCHAR' },
    { name: 'checkpoint', type: 'VARCHAR' },
    { name: 'fingerprint', type: 'VARCHAR' },
    { name: 'render', type: 'VARCHAR' },
    { name: 'prompt_sha256', type: 'VARCHAR' },
    { name: 'temperature', type: 'DOUBLE' },
    { name: 'top_p', type: 'DOUBLE' },
    { name: 'seed', type: 'BIGINT' },
    { name: 'sample', type: 'BIGINT' },
    { name: 'answer', type: 'VARCHAR' },
    { name: 'tokens', type: 'BIGINT' },
    { name: 'grade', type: 'DOUBLE' },
    { name: 'source', type: 'VARCHAR' },
  ],
  key: [
    'suite',
    'task',
    'item',
    'checkpoint',
    'fingerprint',
    'render',
    'prompt_sha256',
    'temperature',
    'top_p',
    'source',
    'seed',
    'sample',
  ],
  toRow: (a): SqlValue[] => [
    a.suite,
    a.task,
    a.item,
    a.checkpoint,
    a.fingerprint,
    a.render,
    a.promptSha256,
    a.temperature,
    a.topP,
    a.seed,
    a.sample,
    a.answer,
    a.tokens,
    a.grade,
    a.source,
  ],
  fromRow: (row: SqlRow): AnswerRecord => ({
    suite: someText(row, 'suite'),
    task: someText(row, 'task'),
    item: someText(row, 'item'),
    checkpoint: someText(row, 'checkpoint'),
    fingerprint: text(row, 'fingerprint'),
    render: someText(row, 'render'),
    promptSha256: someText(row, 'prompt_sha256'),
    temperature: someNumber(row, 'temperature'),
    topP: someNumber(row, 'top_p'),
    seed: someNumber(row, 'seed'),
    sample: someNumber(row, 'sample'),
    answer: someText(row, 'answer'),
    tokens: someNumber(row, 'tokens'),
    grade: someNumber(row, 'grade'),
    source: someText(row, 'source'),
  }),
};

export const predictionShape: RecordShape<PredictionRecord> = {
  kind: 'predictions',
  columns: [
    { name: 'suite', type: 'VARCHAR' },
    { name: 'task', type: 'VARCHAR' },
    { name: 'item', type: 'VARCHAR' },
    { name: 'checkpoint', type: 'VARCHAR' },
    { name: 'fingerprint', type: 'VARCHAR' },
    { name: 'prompt_sha256', type: 'VARCHAR' },
    { name: 'probe', type: 'VARCHAR' },
    { name: 'probe_id', type: 'VARCHAR' },
    { name: 'p', type: 'DOUBLE' },
  ],
  key: ['suite', 'task', 'item', 'checkpoint', 'fingerprint', 'prompt_sha256', 'probe', 'probe_id'],
  toRow: (p): SqlValue[] => [
    p.suite,
    p.task,
    p.item,
    p.checkpoint,
    p.fingerprint,
    p.promptSha256,
    p.probe,
    p.probeId,
    p.p,
  ],
  fromRow: (row: SqlRow): PredictionRecord => ({
    suite: someText(row, 'suite'),
    task: someText(row, 'task'),
    item: someText(row, 'item'),
    checkpoint: someText(row, 'checkpoint'),
    fingerprint: someText(row, 'fingerprint'),
    promptSha256: someText(row, 'prompt_sha256'),
    probe: someText(row, 'probe'),
    probeId: someText(row, 'probe_id'),
    p: someNumber(row, 'p'),
  }),
};
