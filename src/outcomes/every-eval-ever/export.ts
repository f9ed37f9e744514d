/** Outcomes as documents of Every Eval Ever. Pure: who writes them names files and times. */
import type { Item } from '../../suite/index.ts';
import type { OutcomeRecord } from '../record.ts';
import { type ModelFacts, modelDetails, recordDetails, writtenBy } from './details.ts';
import {
  type AggregateDocument,
  type EvaluationResult,
  type InstanceRow,
  instanceSchemaVersion,
  schemaVersion,
} from './document.ts';
import { generationConfig, resultId, type TaskSetting } from './result-parts.ts';
import { sampleHash } from './sample-hash.ts';
import { toWholeTaskResult } from './whole-task.ts';

/** The result of the questions of one task at one checkpoint, as `status` lists it. */
export type TaskResult = TaskSetting & {
  readonly task: string;
  readonly filter: string | null;
  readonly kind: OutcomeRecord['kind'];
  readonly items: number;
  /** Answers behind it; null where not known. */
  readonly samples: number | null;
  readonly accuracy: number;
  readonly standardError: number | null;
};

export type EvaluationGiven = {
  readonly suite: string;
  readonly model: ModelFacts;
  /** Seconds since 1970. */
  readonly retrieved: number;
  /** Of Sonde. */
  readonly version: string;
  readonly organization: string;
};

/** What documents and rows of one evaluation are joined by. */
function evaluationId({ suite, model, retrieved }: EvaluationGiven): string {
  return `${suite}/${model.checkpoint}/${Math.trunc(retrieved)}`;
}

/** The file with the samples of a document. */
export type SamplesFile = { readonly path: string; readonly sha256: string; readonly rows: number };

/** What a document says of a checkpoint. */
export type EvaluationResults = {
  /** Means over questions. */
  readonly tasks: readonly TaskResult[];
  /** Records of whole tasks. */
  readonly wholeTasks: readonly OutcomeRecord[];
  /** The file of the questions' rows, where there is one. */
  readonly samples: SamplesFile | null;
};

export function toAggregateDocument(
  given: EvaluationGiven,
  { tasks, wholeTasks, samples }: EvaluationResults,
): AggregateDocument {
  const { model, retrieved, version, organization } = given;
  return {
    schema_version: schemaVersion,
    evaluation_id: evaluationId(given),
    retrieved_timestamp: String(Math.trunc(retrieved)),
    source_metadata: {
      source_name: 'sonde',
      source_type: 'evaluation_run',
      source_organization_name: organization,
      evaluator_relationship: 'other',
    },
    model_info: {
      name: model.checkpoint,
      id: model.checkpoint,
      additional_details: {
        ...modelDetails(model),
        // Asked for from version 0.3.0 on.
        deployment_type: 'unknown',
        model_availability: 'unknown',
      },
    },
    eval_library: { name: 'sonde', version },
    evaluation_results: [
      ...tasks.map((result) => toResult(result, given.suite)),
      ...wholeTasks.flatMap((record) => toWholeTaskResult(record) ?? []),
    ],
    ...(samples === null
      ? {}
      : {
          detailed_evaluation_results: {
            format: 'jsonl',
            file_path: samples.path,
            hash_algorithm: 'sha256',
            checksum: samples.sha256,
            total_rows: samples.rows,
          },
        }),
  };
}

function toResult(result: TaskResult, suite: string): EvaluationResult {
  const { task, filter, kind, items, samples, accuracy, standardError } = result;
  return {
    evaluation_result_id: resultId(result),
    evaluation_name: task,
    source_data: { dataset_name: task, source_type: 'other' },
    metric_config: {
      ...(filter === null ? {} : { metric_name: filter }),
      lower_is_better: false,
      score_type: kind === 'count' ? 'binary' : 'continuous',
      min_score: 0,
      max_score: 1,
    },
    score_details: {
      score: accuracy,
      details: {
        ...writtenBy,
        suite,
        items: String(items),
        ...(samples === null ? {} : { n: String(samples) }),
        ...(result.chatTemplate == null ? {} : { chat_template: result.chatTemplate }),
      },
      uncertainty: {
        ...(standardError === null ? {} : { standard_error: { value: standardError } }),
        num_samples: items,
      },
    },
    ...generationConfig(result),
  };
}

/** A question's text and a model's answers, where they are known. */
export type SampleTexts = {
  readonly question: Pick<Item, 'prompt' | 'messages' | 'target' | 'choices'> | null;
  readonly answers: readonly { readonly text: string; readonly extracted: string | null }[];
};

/**
 * One question's outcome. All of the record stands in `metadata`: its counts, its sampling, its facts.
 *
 * @param record one of an item that has been answered.
 */
export function toInstanceRow(
  given: EvaluationGiven,
  record: OutcomeRecord & { item: string; k: number; n: number },
  { question, answers }: SampleTexts,
): InstanceRow {
  const raw = question?.prompt ?? messagesText(question) ?? '';
  const reference = question?.target ?? [];
  const score = record.kind === 'count' ? record.k / record.n : record.k;
  return {
    schema_version: instanceSchemaVersion,
    evaluation_id: evaluationId(given),
    model_id: record.checkpoint,
    evaluation_name: record.task,
    evaluation_result_id: resultId(record),
    sample_id: record.item,
    sample_hash: sampleHash(raw, reference),
    interaction_type: 'single_turn',
    input: {
      raw,
      reference,
      ...(question?.choices == null ? {} : { choices: question.choices }),
    },
    output: { raw: answers.map(({ text }) => text) },
    answer_attribution: answers.flatMap(({ extracted }) =>
      extracted === null
        ? []
        : [
            {
              turn_idx: 0,
              source: 'output.raw',
              extracted_value: extracted,
              extraction_method: record.filter ?? 'unknown',
              is_terminal: true,
            } as const,
          ],
    ),
    evaluation: { score, is_correct: score === 1 },
    metadata: recordDetails(record),
  };
}

function messagesText(question: SampleTexts['question']): string | null {
  return question?.messages == null ? null : JSON.stringify(question.messages);
}
