export type { ModelFacts } from './details.ts';
export type { AggregateDocument, EvaluationResult, InstanceRow } from './document.ts';
export {
  type EvaluationGiven,
  type SamplesFile,
  type SampleTexts,
  type TaskResult,
  toAggregateDocument,
  toInstanceRow,
} from './export.ts';
