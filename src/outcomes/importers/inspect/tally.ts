/** Counts over the epochs of each question. What is kept of one is small: a log may have a million. */
import { UserError } from '../../../error/index.ts';
import { promptSha256 } from '../../../suite/index.ts';
import type { LogSample } from './sample.ts';
import { scoreParts, type ScoreValue } from './score-value.ts';

/** A question, in one wording. */
export type AskedQuestion = {
  readonly id: string;
  readonly promptSha256: string | null;
  readonly targetHash: string | null;
};

/** Scores under one filter, question by question. */
export type FilterTally = {
  readonly filter: string;
  readonly scorer: string;
  /** Sum of the scores by the question's place; nothing stands where none was scored. */
  readonly sums: number[];
  readonly counts: number[];
  /** Questions with a score, and scores of all of them. */
  questions: number;
  answers: number;
  /** Some score is no number that could be a share of right answers. */
  hasOutside: boolean;
  /** Some score is neither right nor wrong. */
  hasPartial: boolean;
  /** Some score was written as a number. */
  hasNumbers: boolean;
  /** A text that is no grade; null where there is none. */
  strange: string | null;
};

/** A question by its id: its number among them, and the places of its first wordings. */
type Asked = { readonly number: number; readonly wordings: number[] };

/** Above any number of epochs: a question's number and an epoch make one key. */
const maxEpochs = 2 ** 26;
/** Wordings of a question that are searched; more are looked up. */
const fewWordings = 8;

export class Tally {
  readonly questions: AskedQuestion[] = [];
  readonly filters: Map<string, FilterTally> = new Map();
  readonly #asked = new Map<string, Asked>();
  readonly #seen = new Set<number>();
  readonly #crowd = new Map<string, number>();
  samples = 0;
  /** Samples without any score. */
  unscored = 0;
  invalidated = 0;
  /** Samples whose prompt is not there as text. */
  withoutPrompt = 0;
  /** Questions that were asked in several wordings. */
  varied = 0;
  readonly #where: string;

  /** @param where begins messages. */
  constructor(where: string) {
    this.#where = where;
  }

  /** @throws UserError for an epoch of a question that came before. */
  add(sample: LogSample): void {
    this.samples += 1;
    const asked = this.#ask(sample);
    if (sample.invalidated) {
      this.invalidated += 1;
      return;
    }
    const place = this.#placeOf(sample, asked);
    let isScored = false;
    for (const { scorer, value } of sample.scores) {
      for (const { filter, score } of scoreParts(scorer, value)) {
        this.#count(place, { filter, scorer, score, value });
        isScored = true;
      }
    }
    if (!isScored) this.unscored += 1;
  }

  /** The question of this id, where it was asked in one wording; null otherwise. */
  singleWording(id: string): AskedQuestion | null {
    const [place, ...others] = this.#asked.get(id)?.wordings ?? [];
    return place === undefined || others.length > 0 ? null : (this.questions[place] ?? null);
  }

  has(id: string): boolean {
    return this.#asked.has(id);
  }

  #ask({ id, epoch }: LogSample): Asked {
    const asked = this.#asked.get(id) ?? { number: this.#asked.size, wordings: [] };
    this.#asked.set(id, asked);
    if (epoch >= maxEpochs) {
      throw new UserError(`${this.#where}: expected epochs below ${maxEpochs}, got ${epoch}`);
    }
    const key = asked.number * maxEpochs + epoch;
    if (this.#seen.has(key)) {
      throw new UserError(
        `${this.#where}: expected each sample once, \`${id}\` comes twice in epoch ${epoch}: they cannot be told apart`,
      );
    }
    this.#seen.add(key);
    return asked;
  }

  #placeOf({ id, messages, targetHash }: LogSample, { wordings }: Asked): number {
    const hash =
      messages === null ? null : promptSha256({ id, prompt: null, messages }, 'messages');
    if (hash === null) this.withoutPrompt += 1;
    const isKnown = (place: number): boolean => {
      const question = this.questions[place];
      return question?.promptSha256 === hash && question.targetHash === targetHash;
    };
    const key = (): string => `${id}\n${String(hash)}\n${String(targetHash)}`;
    const isCrowded = wordings.length >= fewWordings;
    const known = wordings.find(isKnown) ?? (isCrowded ? this.#crowd.get(key()) : undefined);
    if (known !== undefined) return known;
    const place = this.questions.length;
    this.questions.push({ id, promptSha256: hash, targetHash });
    if (isCrowded) this.#crowd.set(key(), place);
    else wordings.push(place);
    if (!isCrowded && wordings.length === 2) this.varied += 1;
    return place;
  }

  #count(
    place: number,
    given: { filter: string; scorer: string; score: ScoreValue; value: unknown },
  ): void {
    const { filter, scorer, score, value } = given;
    const tally = this.filters.get(filter) ?? emptyTally(filter, scorer);
    this.filters.set(filter, tally);
    const before = tally.counts[place] ?? 0;
    tally.sums[place] = (tally.sums[place] ?? 0) + score.value;
    tally.counts[place] = before + 1;
    if (before === 0) tally.questions += 1;
    tally.answers += 1;
    if (score.value < 0 || score.value > 1) tally.hasOutside = true;
    else if (score.value !== 0 && score.value !== 1) tally.hasPartial = true;
    if (score.form === 'number') tally.hasNumbers = true;
    if (score.form === 'text') tally.strange ??= JSON.stringify(value).slice(0, 60);
  }
}

function emptyTally(filter: string, scorer: string): FilterTally {
  return {
    filter,
    scorer,
    sums: [],
    counts: [],
    questions: 0,
    answers: 0,
    hasOutside: false,
    hasPartial: false,
    hasNumbers: false,
    strange: null,
  };
}
