import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeTinyCheckpoint } from '../../checkpoint/testing/tiny-checkpoint.ts';
import { openStore, type Store } from '../../store/index.ts';
import { loadSuite, type Suite } from '../../suite/index.ts';
import { type KnownCheckpoint, resolveCheckpoints } from '../known-checkpoint.ts';
import { jobContext } from '../progress.ts';

/** A store, a suite `sums` and one tiny checkpoint `run/step10` with random weights. Release it with `await using`. */
export type TinyRun = AsyncDisposable & {
  readonly dir: string;
  readonly store: Store;
  readonly suite: Suite;
  readonly checkpoint: KnownCheckpoint;
};

export type TinyQuestion = readonly [task: string, id: string, prompt: string];

/** Prompts of `add` share their beginning, `alone` is a task of one question. */
export const QUESTIONS: readonly TinyQuestion[] = [
  ['add', 'a', 'What is 1+1?'],
  ['add', 'b', 'What is 22+103?'],
  ['alone', 'c', 'Name a colour.'],
  ['add', 'd', 'What is 4?'],
];

export async function openTinyRun(
  questions: readonly TinyQuestion[] = QUESTIONS,
): Promise<TinyRun> {
  const dir = await mkdtemp(join(tmpdir(), 'tiny-run-'));
  await mkdir(join(dir, 'suite'));
  const tasks = [...new Set(questions.map(([task]) => task))].map(
    (name) => `  ${name}: { chance: 0, maxTokens: 4, grader: exact }`,
  );
  await writeFile(
    join(dir, 'suite', 'suite.yaml'),
    ['name: sums', 'version: 1', 'tasks:', ...tasks, ''].join('\n'),
  );
  const items = questions.map(([task, id, prompt]) =>
    JSON.stringify({ task, id, prompt, target: 'x' }),
  );
  await writeFile(join(dir, 'suite', 'items.jsonl'), `${items.join('\n')}\n`);
  const suite = await loadSuite(join(dir, 'suite'));
  const store = await openStore(join(dir, '.sonde'));
  const folder = await writeTinyCheckpoint(join(dir, 'run', 'step10'), { family: 'qwen3' });
  const [checkpoint] = await resolveCheckpoints(store, [folder], jobContext());
  if (checkpoint === undefined) throw new Error('tiny run: no checkpoint');
  return {
    dir,
    store,
    suite,
    checkpoint,
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    },
  };
}
