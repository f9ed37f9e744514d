/**
 * Which results of a task count: one measurement a model, the same for all. A model graded or sampled in another way than
 * the rest is no point of the same ladder.
 */
import type { Across } from '../../outcomes/index.ts';
import type { Measurement } from './outcome-table.ts';

/** What a checkpoint has, one entry a measurement. */
export type MeasuredAt<Result extends Measurement> = {
  readonly checkpoint: string;
  readonly results: readonly Result[];
};

export type ChosenResults<Result extends Measurement> =
  | {
      readonly results: readonly Result[];
      readonly measurement: Measurement;
      readonly problem: null;
    }
  | { readonly problem: string };

type Field = keyof Measurement;

const fields: readonly Field[] = [
  'filter',
  'temperature',
  'topP',
  'fewShot',
  'chatTemplate',
  'render',
  'kind',
];

/** Fields that may differ where the user says so. */
const allowances: Readonly<Partial<Record<Field, Across>>> = {
  fewShot: 'few-shot',
  chatTemplate: 'chat-template',
};

/** The fields in which results of one ladder are alike. */
function fieldsAlike(across: readonly Across[]): readonly Field[] {
  return fields.filter((field) => {
    const name = allowances[field];
    return name === undefined || !across.includes(name);
  });
}

const ways: Readonly<Record<Field, { named: string; advice: string }>> = {
  filter: { named: 'filter', advice: 'choose one that every model has with --filter' },
  temperature: {
    named: 'temperature',
    advice: 'choose one that every model has with --temperature',
  },
  topP: { named: 'top-p', advice: 'choose one that every model has with --top-p' },
  fewShot: {
    named: 'few-shot count',
    advice: 'choose one that every model has with --few-shot, allow it with --across few-shot',
  },
  chatTemplate: {
    named: 'chat template',
    advice:
      'choose one that every model has with --chat-template, allow it with --across chat-template',
  },
  render: {
    named: 'rendering',
    advice: 'a prompt and a chat are no one question, ask every model in the same way',
  },
  kind: {
    named: 'kind',
    advice: 'counts of right answers and mean scores are no points of one ladder, leave one out',
  },
};

/** One result per checkpoint, in their order; every checkpoint has at least one. */
export function chooseResults<Result extends Measurement>(
  task: string,
  measured: readonly MeasuredAt<Result>[],
  across: readonly Across[],
): ChosenResults<Result> {
  const chosen: Result[] = [];
  for (const { checkpoint, results } of measured) {
    const [first, second] = results;
    if (first === undefined) throw new Error(`forecast: nothing of ${task} at ${checkpoint}`);
    if (second !== undefined) return { problem: ambiguity(task, checkpoint, first, second) };
    chosen.push(first);
  }
  for (const field of fieldsAlike(across)) {
    const known = chosen.flatMap((result, index) =>
      result[field] === null ? [] : [{ value: result[field], checkpoint: idAt(measured, index) }],
    );
    const [first] = known;
    const other = known.find(({ value }) => value !== first?.value);
    if (first === undefined || other === undefined) continue;
    return { problem: change(task, field, first, other) };
  }
  return { results: chosen, measurement: shared(chosen), problem: null };
}

/** Of other checkpoints: the one result that was measured as the ladder was; null where none is, or several are. */
export function compatibleResult<Result extends Measurement>(
  results: readonly Result[],
  measurement: Measurement,
  across: readonly Across[],
): Result | null {
  const agreeing = results.filter((result) =>
    fieldsAlike(across).every(
      (field) =>
        result[field] === null ||
        measurement[field] === null ||
        result[field] === measurement[field],
    ),
  );
  const exact = agreeing.filter((result) =>
    fields.every((field) => result[field] === measurement[field]),
  );
  const candidates = exact.length === 1 ? exact : agreeing;
  return candidates.length === 1 ? (candidates[0] ?? null) : null;
}

function idAt(measured: readonly { readonly checkpoint: string }[], index: number): string {
  return measured[index]?.checkpoint ?? '';
}

function shared(results: readonly Measurement[]): Measurement {
  const first = <Key extends Field>(field: Key): Measurement[Key] | null =>
    results.find((result) => result[field] !== null)?.[field] ?? null;
  return {
    filter: first('filter'),
    temperature: first('temperature'),
    topP: first('topP'),
    fewShot: first('fewShot'),
    chatTemplate: first('chatTemplate'),
    render: first('render'),
    kind: first('kind') ?? 'count',
  };
}

function ambiguity(task: string, checkpoint: string, a: Measurement, b: Measurement): string {
  const field = fields.find((one) => a[one] !== b[one]) ?? 'filter';
  const { named, advice } = ways[field];
  return `task \`${task}\` at \`${checkpoint}\`: expected outcomes of one ${named}, found ${shown(a[field])} and ${shown(b[field])}: ${advice}`;
}

type At = { readonly value: Measurement[Field]; readonly checkpoint: string };

function change(task: string, field: Field, a: At, b: At): string {
  const { named, advice } = ways[field];
  return `task \`${task}\`: expected the same ${named} at every model of the ladder, found ${shown(a.value)} at \`${a.checkpoint}\` and ${shown(b.value)} at \`${b.checkpoint}\`: ${advice}, or leave the task out with --tasks`;
}

function shown(value: Measurement[Field]): string {
  return value === null ? 'none' : `\`${value}\``;
}
