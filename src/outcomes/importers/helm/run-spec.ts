/** What a HELM run was about: task, model, settings. */
import { UserError } from '../../../error/index.ts';
import type { LogModel } from '../../importer.ts';
import { type JsonObject, numberIn, objectIn, textIn } from '../../log/fields.ts';
import { readJsonMembers } from '../../log/json-members.ts';
import { modelNamed } from '../../log/model-name.ts';

export type HelmRun = {
  readonly name: string;
  readonly model: LogModel | null;
  readonly temperature: number | null;
  readonly seed: number | null;
  /** Solved examples asked for; single prompts may hold fewer. */
  readonly fewShot: number | null;
  readonly maxTokens: number | null;
  readonly stop: readonly string[];
  readonly trials: number;
  /** The choices were scored one by one, no text was generated. */
  readonly ranked: boolean;
  /** The model read given texts: its losses are of these, and not of its own answers. */
  readonly readsTexts: boolean;
  /** A regular expression picks the answer out of the text. */
  readonly mapsByPattern: boolean;
};

/** @throws UserError for a file that is damaged or names no run. */
export async function readRunSpec(path: string, name: string): Promise<HelmRun> {
  let runName: unknown = null;
  let adapter: JsonObject | null = null;
  for await (const { key, value } of readJsonMembers(path)) {
    if (key === 'name') runName = value;
    if (key === 'adapter_spec') adapter = objectIn({ adapter: value }, 'adapter');
  }
  if (typeof runName !== 'string' || runName === '') {
    throw new UserError(`\`${name}\`: expected the name of the run in \`name\`, found none`);
  }
  return { name: runName, ...settingsOf(adapter) };
}

function settingsOf(adapter: JsonObject | null): Omit<HelmRun, 'name'> {
  const temperature = numberIn(adapter, 'temperature');
  const ranked = (textIn(adapter, 'method') ?? '').startsWith('multiple_choice_separate');
  const maxTokens = whole(numberIn(adapter, 'max_tokens'));
  const stop = adapter?.['stop_sequences'];
  return {
    model: modelOf(adapter),
    // Choices that are scored one by one are not sampled.
    temperature: ranked || temperature === null || temperature < 0 ? null : temperature,
    seed: ranked ? null : whole(numberIn(adapter, 'random')),
    fewShot: whole(numberIn(adapter, 'max_train_instances')),
    maxTokens: maxTokens === null || maxTokens < 1 ? null : maxTokens,
    stop: Array.isArray(stop)
      ? (stop as readonly unknown[]).filter(
          (one): one is string => typeof one === 'string' && one !== '',
        )
      : [],
    trials: Math.max(1, whole(numberIn(adapter, 'num_train_trials')) ?? 1),
    ranked,
    readsTexts: textIn(adapter, 'method') === 'language_modeling',
    mapsByPattern: textIn(adapter, 'output_mapping_pattern') !== null,
  };
}

function modelOf(adapter: JsonObject | null): LogModel | null {
  const name = textIn(adapter, 'model') ?? textIn(adapter, 'model_deployment');
  return name === null ? null : modelNamed(name);
}

function whole(value: number | null): number | null {
  return value !== null && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/**
 * The task: the run's name without the model, so that it is the same for every model, with the split and sub-split, which
 * HELM scores apart: `mmlu:subject=philosophy,method=multiple_choice_joint,split=test`.
 */
export function helmTask(
  runName: string,
  { split, subSplit }: { split: string | null; subSplit: string | null },
): string {
  const colon = runName.indexOf(':');
  const scenario = colon === -1 ? runName : runName.slice(0, colon);
  const given = colon === -1 ? [] : runName.slice(colon + 1).split(',');
  const parts = given.filter((part) => part !== '' && !/^model(?:_deployment)?=/.test(part));
  if (split !== null) parts.push(`split=${split}`);
  if (subSplit !== null) parts.push(`sub_split=${subSplit}`);
  return parts.length === 0 ? scenario : `${scenario}:${parts.join(',')}`;
}
