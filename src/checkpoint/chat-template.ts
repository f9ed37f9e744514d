import * as library from '@huggingface/jinja';
import { Template } from '@huggingface/jinja';
import { UserError } from '../error/index.ts';
import { formatTime } from './strftime.ts';
import type { TokenizerFiles } from './tokenizer-files.ts';

export type ChatMessage = { role: string; content: string };

export type ChatTemplate = {
  present: boolean;
  render: (messages: readonly ChatMessage[]) => string;
};

/**
 * The chat template of `chat_template.jinja`, else of `tokenizer_config.json` (of a list of templates the one named
 * `default`), compiled as transformers does: blocks trimmed, `messages`, `add_generation_prompt` and the named special
 * tokens as variables, no tools.
 */
export function compileChatTemplate(
  files: TokenizerFiles,
  specialTokens: Readonly<Record<string, string>>,
  dir: string,
): ChatTemplate {
  const source = templateSource(files, dir);
  if (source === null) {
    const render = (): never => {
      throw new UserError(
        `\`messages\`: expected a chat template in tokenizer_config.json or chat_template.jinja, found none; ask with \`--render prompt\` (in ${dir})`,
      );
    };
    return { present: false, render };
  }
  const template = compile(source, dir);
  const render = (messages: readonly ChatMessage[]): string => {
    const plain = messages.map(({ role, content }) => ({ role, content }));
    try {
      return run(template, {
        ...specialTokens,
        messages: plain,
        tools: null,
        documents: null,
        add_generation_prompt: true,
      });
    } catch (error) {
      throw templateError('cannot render the messages', error, dir);
    }
  };
  return { present: true, render };
}

function templateSource({ template, config }: TokenizerFiles, dir: string): string | null {
  if (template !== null) return template;
  const stated = config.chat_template;
  if (stated === undefined || stated === null) return null;
  if (typeof stated === 'string') return stated;
  const found = stated.find(({ name }) => name === 'default');
  if (found !== undefined) return found.template;
  const names = stated.map(({ name }) => name).join(', ');
  throw new UserError(
    `\`tokenizer_config.json\`: expected a chat template named \`default\`, found ${names === '' ? 'none' : names} (in ${dir})`,
  );
}

function compile(source: string, dir: string): Template {
  try {
    return new Template(source);
  } catch (error) {
    throw templateError('is not understood', error, dir);
  }
}

/** Stated here: these declarations of the library import without file extensions, which `nodenext` does not follow. */
type Library = {
  Environment: new () => { set: (name: string, value: unknown) => unknown };
  Interpreter: new (
    environment: object,
  ) => { run: (program: Template['parsed']) => { value: unknown } };
};
const { Environment, Interpreter } = library as unknown as Library;

/** Longest range of a template: none loops over more than its messages. */
const MAX_RANGE = 1_000_000;

const GLOBALS: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  raise_exception: (message: unknown): never => {
    throw new Error(String(message));
  },
  range,
  strftime_now: (format: string) => formatTime(new Date(), format),
};

/** Runs a template with the variables and functions that transformers gives it. */
function run(template: Template, variables: Readonly<Record<string, unknown>>): string {
  const environment = new Environment();
  for (const [name, value] of Object.entries({ ...GLOBALS, ...variables })) {
    environment.set(name, value);
  }
  const { value } = new Interpreter(environment).run(template.parsed);
  if (typeof value !== 'string') throw new TypeError(`expected a text, got ${typeof value}`);
  return value;
}

function range(from: number, to?: number | null, step?: number | null): number[] {
  const [start, stop] = to === undefined || to === null ? [0, from] : [from, to];
  const by = step ?? 1;
  const length = Math.max(0, Math.ceil((stop - start) / by));
  if (!(length <= MAX_RANGE)) throw new RangeError(`a range of ${length} numbers`);
  return Array.from({ length }, (_, i) => start + i * by);
}

function templateError(what: string, error: unknown, dir: string): UserError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UserError(`\`chat template\`: ${what}: ${reason.slice(0, 300)} (in ${dir})`, {
    cause: error,
  });
}
