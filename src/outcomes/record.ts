/** `k` of `n` answers right, or a mean score in 0…1 of `n` answers. */
export type OutcomeKind = 'count' | 'score';

/**
 * One result: of an item, or of a whole task where `item` is null, at one checkpoint under one sampling configuration.
 * Null says that the source does not tell; null agrees with any value.
 */
export type OutcomeRecord = {
  suite: string;
  task: string;
  item: string | null;
  /** The checkpoint's id, as it stands in the source. */
  checkpoint: string;
  /** `count`: right answers, 0…n, fractional where only a probability is known. `score`: the mean score, 0…1. */
  k: number | null;
  /** Sampled answers, at least 1; null together with `k` in a record that has only a loss. */
  n: number | null;
  kind: OutcomeKind;
  run: string | null;
  family: string | null;
  stage: string | null;
  step: number | null;
  /** Training tokens seen. */
  tokens: number | null;
  params: number | null;
  paramsNonEmbedding: number | null;
  /** Training FLOPs. */
  flops: number | null;
  /** The accuracy of a guess, 0…1. */
  chance: number | null;
  temperature: number | null;
  topP: number | null;
  /** As many of the likeliest tokens were drawn from. */
  topK: number | null;
  /** The model behind a server that gave the answers, as the server calls it, and the server's address: `<model>@<url>`. */
  servedModel: string | null;
  /** Counts of one question add only where both name a seed, the seeds differ, and they were drawn alike. */
  seed: number | null;
  filter: string | null;
  render: string | null;
  /** Identity of the question, as `promptSha256` of a suite's item; hex. */
  promptSha256: string | null;
  /** Solved examples in front of the question. */
  fewShot: number | null;
  /** Hash of the chat template that the harness applied; `none` where it says that it applied none. */
  chatTemplate: string | null;
  /** Hash of the dataset's row, as the harness gives it. */
  documentHash: string | null;
  /** Hash of the expected answer, as the harness gives it. */
  targetHash: string | null;
  /** As named by the record itself; `label:<seed>` for answers that Sonde sampled. */
  source: string | null;
  loss: number | null;
  lossUnit: string | null;
};

export type ColumnType = 'text' | 'number' | 'whole';
export type OutcomeColumn = {
  readonly column: string;
  readonly field: keyof OutcomeRecord;
  readonly type: ColumnType;
};

/** Columns of record files and of the store's parts, and the fields that they fill. */
export const outcomeColumns: readonly OutcomeColumn[] = [
  { column: 'suite', field: 'suite', type: 'text' },
  { column: 'task', field: 'task', type: 'text' },
  { column: 'item', field: 'item', type: 'text' },
  { column: 'checkpoint', field: 'checkpoint', type: 'text' },
  { column: 'k', field: 'k', type: 'number' },
  { column: 'n', field: 'n', type: 'number' },
  { column: 'kind', field: 'kind', type: 'text' },
  { column: 'run', field: 'run', type: 'text' },
  { column: 'family', field: 'family', type: 'text' },
  { column: 'stage', field: 'stage', type: 'text' },
  { column: 'step', field: 'step', type: 'whole' },
  { column: 'tokens', field: 'tokens', type: 'whole' },
  { column: 'params', field: 'params', type: 'whole' },
  { column: 'params_non_embedding', field: 'paramsNonEmbedding', type: 'whole' },
  { column: 'flops', field: 'flops', type: 'number' },
  { column: 'chance', field: 'chance', type: 'number' },
  { column: 'temperature', field: 'temperature', type: 'number' },
  { column: 'top_p', field: 'topP', type: 'number' },
  { column: 'top_k', field: 'topK', type: 'whole' },
  { column: 'served_model', field: 'servedModel', type: 'text' },
  { column: 'seed', field: 'seed', type: 'whole' },
  { column: 'filter', field: 'filter', type: 'text' },
  { column: 'render', field: 'render', type: 'text' },
  { column: 'prompt_sha256', field: 'promptSha256', type: 'text' },
  { column: 'few_shot', field: 'fewShot', type: 'whole' },
  { column: 'chat_template', field: 'chatTemplate', type: 'text' },
  { column: 'document_hash', field: 'documentHash', type: 'text' },
  { column: 'target_hash', field: 'targetHash', type: 'text' },
  { column: 'source', field: 'source', type: 'text' },
  { column: 'loss', field: 'loss', type: 'number' },
  { column: 'loss_unit', field: 'lossUnit', type: 'text' },
];

export type FactField = Extract<
  keyof OutcomeRecord,
  'run' | 'family' | 'stage' | 'step' | 'tokens' | 'params' | 'paramsNonEmbedding' | 'flops'
>;

/** What a record says of its checkpoint. */
export const factFields: readonly FactField[] = [
  'run',
  'family',
  'stage',
  'step',
  'tokens',
  'params',
  'paramsNonEmbedding',
  'flops',
];

/** The column of a field, for messages. */
export function columnOf(field: keyof OutcomeRecord): string {
  return outcomeColumns.find((column) => column.field === field)?.column ?? field;
}

/** Answers that Sonde sampled itself stand beside imported records instead of replacing them. */
export function isLabelSource(source: string | null): boolean {
  return source?.startsWith('label:') === true;
}
