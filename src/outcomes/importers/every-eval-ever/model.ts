/** Which checkpoint a document is about. */
import { UserError } from '../../../error/index.ts';
import { fieldsIn, isOurs } from '../../every-eval-ever/details.ts';
import type { ImportOptions, LogCheckpoint } from '../../importer.ts';
import { type JsonObject, numberIn, objectIn, textIn } from '../../log/fields.ts';
import { identifyModel } from '../../log/identify-model.ts';
import { modelNamed } from '../../log/model-name.ts';
import { factFields, type OutcomeRecord } from '../../record.ts';

/** A checkpoint with what else its document says of it. */
export type ModelOfLog = LogCheckpoint & Partial<OutcomeRecord>;

/**
 * @param id as the samples name it; null for the document's own.
 * @throws UserError where nothing names a model.
 */
export async function modelOf(
  given: { info: JsonObject | null; id: string | null; name: string },
  options: ImportOptions,
): Promise<ModelOfLog> {
  const details = objectIn(given.info, 'additional_details') ?? {};
  const own = ownModel(details);
  if (own !== null) return own;
  const id =
    given.id ?? textIn(given.info, 'id') ?? textIn(given.info, 'name') ?? options.checkpoint;
  if (id === undefined) {
    throw new UserError(
      `\`${given.name}\`: expected the model in \`model_info.id\`, found none: pass --checkpoint`,
    );
  }
  const revision = textIn(details, 'revision') ?? textIn(details, 'model_revision');
  const named = revision === null ? modelNamed(id) : { name: id, revision };
  const checkpoint = await (options.identify ?? identifyModel)(named);
  return { ...checkpoint, ...stated(details, checkpoint) };
}

/** The checkpoint as Sonde itself wrote it down; null in what others wrote. */
export function ownModel(details: JsonObject): ModelOfLog | null {
  if (!isOurs(details)) return null;
  const fields = fieldsIn(details);
  const { checkpoint } = fields;
  if (checkpoint === undefined) return null;
  const facts = Object.fromEntries(
    factFields.flatMap((field) => (fields[field] === undefined ? [] : [[field, fields[field]]])),
  ) as Partial<OutcomeRecord>;
  return { checkpoint, run: null, stage: null, step: null, tokens: null, flops: null, ...facts };
}

/** Step, tokens and parameters of documents that state them beside what the schema asks for. */
function stated(details: JsonObject, known: LogCheckpoint): Partial<OutcomeRecord> {
  const pick = (...keys: string[]): number | null => {
    for (const key of keys) {
      const value = numberIn(details, key);
      if (value !== null && Number.isSafeInteger(value) && value >= 0) return value;
    }
    return null;
  };
  return {
    step: known.step ?? pick('step', 'training_step'),
    tokens: known.tokens ?? pick('tokens', 'training_tokens'),
    params: pick('num_parameters', 'params', 'model_num_parameters'),
  };
}
