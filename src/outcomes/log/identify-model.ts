import { parseName } from '../../checkpoint/index.ts';
import type { LogCheckpoint, LogModel } from '../importer.ts';

/** Folders inside a checkpoint's folder in which an export lies. */
const exportFolders = new Set(['hf', 'huggingface', 'hf_model', 'model', 'consolidated']);

/** Revisions that name no state of the weights: what they mean changes. */
const movingRevisions = new Set(['', 'main', 'master', 'none', 'null', 'None']);

/**
 * The checkpoint behind a log's model by its names alone: `<repo>@<revision>` for a revision of a repository,
 * `<run>/<step dir>` for a path whose last part tells a step, else the model's name with step null.
 */
export function identifyModel({ name, revision }: LogModel): LogCheckpoint {
  if (revision !== null && !movingRevisions.has(revision)) {
    return { checkpoint: `${name}@${revision}`, run: name, ...factsOf(revision) };
  }
  const snapshot = /models--(.+?)[/\\]snapshots[/\\]([^/\\]+)[/\\]?$/.exec(name);
  if (snapshot !== null) {
    const repo = (snapshot[1] ?? '').split('--').join('/');
    const commit = snapshot[2] ?? '';
    return { checkpoint: `${repo}@${commit}`, run: repo, ...factsOf(commit) };
  }
  return identifyByPath(name);
}

/** What an id that a person gave says of itself. */
export function identifyById(id: string): LogCheckpoint {
  const [run, name] = splitAtLast(id, '@') ?? splitAtLast(id, '/') ?? [null, id];
  return { checkpoint: id, run, ...factsOf(name) };
}

function identifyByPath(name: string): LogCheckpoint {
  const parts = name.split(/[/\\]+/).filter((part) => part !== '' && part !== '.');
  while (parts.length > 1 && exportFolders.has((parts.at(-1) ?? '').toLowerCase())) parts.pop();
  const last = parts.at(-1) ?? name;
  const parent = parts.at(-2) ?? null;
  const facts = factsOf(last);
  const isPath = parts.length > 2 || /^[/\\.~]/.test(name);
  if (facts.step === null) {
    const id = isPath && parent !== null ? `${parent}/${last}` : name;
    return { checkpoint: id, run: isPath ? parent : null, ...facts };
  }
  const prefix = runPrefix(last);
  // `org/pythia-1b-step1000`: the run is in the name itself; `olmo/step1000`: it is the folder above.
  if (prefix !== null) {
    const run = parent === null || isPath ? prefix : `${parent}/${prefix}`;
    return { checkpoint: isPath ? last : name, run, ...facts };
  }
  return { checkpoint: parent === null ? last : `${parent}/${last}`, run: parent, ...facts };
}

const stepWord =
  /[-_.@:]*(?:stage\d|pretrain|midtrain|sft|dpo|rl|global_?step|step|checkpoint|ckpt|iter)[-_]?\d*(?=$|[-_.+])/i;

/** What stands in front of the words for stage and step; null where nothing does. */
function runPrefix(name: string): string | null {
  const at = name.search(stepWord);
  return at > 0 ? name.slice(0, at) : null;
}

function factsOf(name: string): Pick<LogCheckpoint, 'stage' | 'step' | 'tokens' | 'flops'> {
  const { stage, step, tokens, tokensExact } = parseName(name);
  // A record's facts are exact: what a name rounds stays with the checkpoint.
  return { stage, step, tokens: tokensExact ? tokens : null, flops: null };
}

function splitAtLast(text: string, mark: string): [string, string] | null {
  const at = text.lastIndexOf(mark);
  return at <= 0 || at === text.length - 1 ? null : [text.slice(0, at), text.slice(at + 1)];
}
