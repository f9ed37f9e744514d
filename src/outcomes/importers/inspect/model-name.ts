import type { LogModel } from '../../importer.ts';
import { fieldIn, textIn } from '../../log/fields.ts';

/** Providers that run weights: the name behind them is a repository, a folder, or what a server was told to call it. */
const local = new Set([
  'hf',
  'vllm',
  'vllm-completions',
  'sglang',
  'ollama',
  'llama-cpp-python',
  'transformer_lens',
  'nnterp',
]);
/** Providers whose name is followed by the name of a service. */
const services = new Set(['openai-api', 'openai-api-completions']);

/**
 * The model of a log: `hf/org/model` is `org/model`, `openai-api/service/model` is `model`, hosted models keep the
 * provider's name. The path and the revision among the arguments go first.
 */
export function modelOf(spec: unknown): LogModel | null {
  const name = textIn(spec, 'model');
  if (name === null) return null;
  const args = fieldIn(spec, 'model_args');
  const revision = textIn(args, 'revision');
  const path = textIn(args, 'model_path');
  return { name: path ?? withoutProvider(name), revision };
}

function withoutProvider(name: string): string {
  const [provider = '', second = '', ...rest] = name.split('/');
  if (local.has(provider) && second !== '') return [second, ...rest].join('/');
  if (services.has(provider) && rest.length > 0) return rest.join('/');
  return name;
}
