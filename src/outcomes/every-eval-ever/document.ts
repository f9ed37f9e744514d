/**
 * Documents of Every Eval Ever, schema 0.2.1: a JSON with the results of one run of a model, and JSONL with its samples.
 * Only what Sonde reads or writes; versions up to 0.3.0 have the same members.
 */

export const schemaVersion = '0.2.1';
export const instanceSchemaVersion = 'instance_level_eval_0.2.1';

/** Values are texts throughout. */
export type Details = Readonly<Record<string, string>>;

export type AggregateDocument = {
  readonly schema_version: string;
  /** `<evaluation>/<model>/<retrieved_timestamp>` */
  readonly evaluation_id: string;
  /** Seconds since 1970, as a text. */
  readonly retrieved_timestamp: string;
  readonly source_metadata: {
    readonly source_name: string;
    readonly source_type: 'documentation' | 'evaluation_run';
    readonly source_organization_name: string;
    readonly evaluator_relationship: 'first_party' | 'third_party' | 'collaborative' | 'other';
  };
  readonly model_info: {
    readonly name: string;
    readonly id: string;
    readonly additional_details: Details;
  };
  readonly eval_library: { readonly name: string; readonly version: string };
  readonly evaluation_results: readonly EvaluationResult[];
  readonly detailed_evaluation_results?: {
    readonly format: 'jsonl';
    readonly file_path: string;
    readonly hash_algorithm: 'sha256';
    readonly checksum: string;
    readonly total_rows: number;
  };
};

export type EvaluationResult = {
  /** Which samples belong to it. */
  readonly evaluation_result_id: string;
  readonly evaluation_name: string;
  readonly source_data: { readonly dataset_name: string; readonly source_type: 'other' };
  readonly metric_config: {
    readonly metric_name?: string;
    readonly metric_unit?: string;
    readonly lower_is_better: boolean;
    readonly score_type?: 'binary' | 'continuous';
    readonly min_score?: number;
    readonly max_score?: number;
  };
  readonly score_details: {
    readonly score: number;
    readonly details: Details;
    readonly uncertainty?: {
      readonly standard_error?: { readonly value: number };
      readonly num_samples: number;
    };
  };
  readonly generation_config?: {
    readonly generation_args: { readonly temperature?: number; readonly top_p?: number };
    readonly additional_details?: Details;
  };
};

export type InstanceRow = {
  readonly schema_version: string;
  readonly evaluation_id: string;
  readonly model_id: string;
  readonly evaluation_name: string;
  readonly evaluation_result_id: string;
  readonly sample_id: string;
  /** Of `input.raw` and `input.reference`; see `sampleHash`. */
  readonly sample_hash: string;
  readonly interaction_type: 'single_turn';
  readonly input: {
    readonly raw: string;
    readonly reference: readonly string[];
    readonly choices?: readonly string[];
  };
  readonly output: { readonly raw: readonly string[] };
  readonly answer_attribution: readonly {
    readonly turn_idx: 0;
    readonly source: 'output.raw';
    readonly extracted_value: string;
    readonly extraction_method: string;
    readonly is_terminal: true;
  }[];
  readonly evaluation: { readonly score: number; readonly is_correct: boolean };
  readonly metadata: Details;
};
