import type { LogModel } from '../../importer.ts';
import { isObject, objectIn, textIn } from '../../log/fields.ts';

/** In the order in which the harness takes them for the model's name. */
const nameArguments = ['peft', 'delta', 'pretrained', 'model', 'path', 'engine'] as const;

/** The model of a run by the `config` of its results; null where they name none. */
export function modelOf(config: unknown): LogModel | null {
  const args = modelArguments(config);
  const [key, name] = namedBy(args);
  if (name === null) {
    const kind = textIn(config, 'model');
    return kind === null ? null : { name: kind, revision: null };
  }
  const folder = args.get('subfolder');
  const revision = args.get('revision') ?? textIn(config, 'model_revision');
  return {
    name: folder === undefined ? name : `${name}/${folder}`,
    // An adapter has none of its own: the revision is the base model's.
    revision: key === 'peft' || key === 'delta' ? null : revision,
  };
}

function namedBy(args: ReadonlyMap<string, string>): [string | null, string | null] {
  for (const key of nameArguments) {
    const name = args.get(key);
    if (name !== undefined) return [key, name];
  }
  return [null, null];
}

/** `pretrained=x,revision=y`, which newer versions write as an object. */
export function modelArguments(config: unknown): Map<string, string> {
  const object = objectIn(config, 'model_args');
  const pairs: [string, unknown][] =
    object !== null
      ? Object.entries(object)
      : (isObject(config) ? (textIn(config, 'model_args') ?? '') : '').split(',').map(splitPair);
  const args = new Map<string, string>();
  for (const [key, value] of pairs) {
    if (typeof value === 'string' && value !== '' && !args.has(key)) args.set(key, value);
    else if (typeof value === 'number') args.set(key, String(value));
  }
  return args;
}

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return at === -1 ? [pair.trim(), ''] : [pair.slice(0, at).trim(), pair.slice(at + 1)];
}
