import { UserError } from '../error/index.ts';
import { quoteValue } from '../safetensors/index.ts';
import { type Config, ConfigReader } from './config-reader.ts';
import { FAMILIES } from './families/registry.ts';
import type { ModelSpec } from './model-spec.ts';

export type Support = {
  readonly supported: boolean;
  /** The model type of the config, known here or not; null where there is none. */
  readonly family: string | null;
  /** Why it is not supported. */
  readonly reason: string | null;
};

/**
 * Reads what a config.json says about the model. `where` names it in messages, usually the checkpoint's folder.
 * Throws `UserError` for a family that is unknown, a value out of range, and every field that may change the result
 * and is not understood.
 */
export function readModelSpec(config: Config, where: string): ModelSpec {
  const type = config['model_type'];
  const family = typeof type === 'string' ? FAMILIES.get(type) : undefined;
  if (family === undefined) {
    const known = [...FAMILIES.keys()].join(', ');
    throw new UserError(
      `\`config.json\`: expected \`model_type\` to be one of ${known}, got ${quoteValue(type ?? null)} (in ${where})`,
    );
  }
  const architectures = config['architectures'];
  if (
    architectures !== undefined &&
    architectures !== null &&
    !(Array.isArray(architectures) && architectures.includes(family.architecture))
  ) {
    throw new UserError(
      `\`config.json\`: expected \`architectures\` to name ${family.architecture}, ` +
        `got ${quoteValue(architectures)} (in ${where})`,
    );
  }
  const reader = new ConfigReader(config, where);
  const spec = family.read(reader);
  reader.finish();
  return spec;
}

/** Whether the model can be run, without throwing. */
export function supportOf(config: Config, where = 'config.json'): Support {
  const type = config['model_type'];
  const family = typeof type === 'string' ? type : null;
  try {
    readModelSpec(config, where);
    return { supported: true, family, reason: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { supported: false, family, reason: error.message };
  }
}
