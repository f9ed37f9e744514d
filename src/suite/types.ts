/** How an answer is graded; see `gradeAnswer`. */
export type Grader =
  | { type: 'exact' }
  | { type: 'normalized' }
  | { type: 'number' }
  | { type: 'math' }
  | { type: 'regex'; pattern: string; flags: string }
  | { type: 'choice' }
  | {
      type: 'loglikelihood';
      /** Stands between prompt and choice. @default a space, where there is none at either side */
      delimiter?: string;
    };

export type Task = {
  name: string;
  /** Accuracy of a guess, 0…1. */
  chance: number;
  /** Longest answer, in tokens, at least 1. */
  maxTokens: number;
  /** An answer ends before the first of these. */
  stop: readonly string[];
  grader: Grader;
  /** The filter whose outcomes stand for the task where a log holds several; null: none is declared. */
  filter: string | null;
};

export type SuiteMessage = { role: string; content: string };

export type Item = {
  task: string;
  /** Unique in the suite. */
  id: string;
  /** Text as given to a base model; null only where `messages` are given. */
  prompt: string | null;
  messages: readonly SuiteMessage[] | null;
  /** Accepted answers; empty for an item that is only read. */
  target: readonly string[];
  choices: readonly string[] | null;
  /** Items of one group stay in one fold. */
  group: string | null;
  meta: Record<string, unknown>;
};

export type Render = 'prompt' | 'messages';

export type Suite = {
  name: string;
  version: string;
  tasks: ReadonlyMap<string, Task>;
  /** In the order of the file: rows of activations follow it. */
  items: readonly Item[];
  /** Identity of what is asked, see `hashSuite`. */
  hash: string;
  /** Where it was loaded from; null for a suite made in memory. */
  dir: string | null;
};
