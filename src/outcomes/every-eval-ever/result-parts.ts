/** What results of tasks and rows of samples have in common. */
import type { OutcomeRecord } from '../record.ts';
import type { EvaluationResult } from './document.ts';

/** How a task was asked and sampled; absent is not known. */
export type TaskSetting = Partial<
  Pick<OutcomeRecord, 'temperature' | 'topP' | 'fewShot' | 'chatTemplate'>
>;

/** Results of one task that were asked or sampled in different ways have ids of their own. */
export function resultId({
  task,
  filter,
  ...how
}: TaskSetting & Pick<OutcomeRecord, 'task' | 'filter'>): string {
  const { fewShot, chatTemplate, temperature, topP } = how;
  const parts = { few_shot: fewShot, chat_template: chatTemplate, temperature, top_p: topP };
  const said = Object.entries(parts).flatMap(([name, value]) =>
    value == null ? [] : [`${name}=${value}`],
  );
  return [task, ...(filter === null ? [] : [filter]), ...said].join(':');
}

export function generationConfig({
  temperature,
  topP,
  fewShot,
}: TaskSetting): Pick<EvaluationResult, 'generation_config'> {
  const sampling = {
    ...(temperature == null ? {} : { temperature }),
    ...(topP == null ? {} : { top_p: topP }),
  };
  if (Object.keys(sampling).length === 0 && fewShot == null) return {};
  const few = fewShot == null ? {} : { additional_details: { num_fewshot: String(fewShot) } };
  return { generation_config: { generation_args: sampling, ...few } };
}
