import type { Activations } from './activations.ts';
import { ANSWER_WIDTH, answerFeatures, type ImpliedAnswers } from './implied-answer.ts';
import { type History, historyColumns, historyFeatures, type HistoryKind } from './history.ts';
import { LENGTH_WIDTH } from './length-features.ts';
import { LIKELIHOOD_WIDTH, likelihoodFeatures } from './likelihood-features.ts';
import { OUTPUT_FEATURES, outputFeatures } from './output-features.ts';

/** Which columns a head reads beside the states. */
export type ColumnSpec = {
  /** Entropy and largest probabilities of the next token. */
  readonly output: boolean;
  /** Mass of the likeliest next tokens, and log-likelihood of the question's own tokens. */
  readonly likelihood: boolean;
  /** The prompt's length behind the shared prefix. */
  readonly length: boolean;
  /** Components of the question's text. */
  readonly text: boolean;
  readonly history: HistoryKind;
  /** What outcomes tell of the token that the right answer begins with; only beside the history `item`. */
  readonly answer: boolean;
};

/** What the columns of all items at one checkpoint are made of; null where it is not known. */
export type ItemColumns = {
  /** (items, 6). */
  readonly output: Float32Array | null;
  /** (items, 5). */
  readonly likelihood: Float32Array | null;
  /** (items, 16). */
  readonly nextTokens: Float32Array | null;
  /** (items, 2). */
  readonly length: Float32Array;
  /** (items, components of the text). */
  readonly text: Float32Array | null;
  readonly answers: ImpliedAnswers | null;
};

/** The part of the columns that a pass over the checkpoint brings. */
export function passColumns(
  { output, nextTokens = null, likelihood = null }: Activations,
  items: Int32Array,
): Pick<ItemColumns, 'output' | 'likelihood' | 'nextTokens'> {
  return {
    output: output === null ? null : outputFeatures(output, items),
    likelihood:
      nextTokens === null || likelihood === null
        ? null
        : likelihoodFeatures(nextTokens, likelihood),
    nextTokens,
  };
}

/** Rows of one checkpoint with what was known up to a cut. */
export type ColumnRows = {
  readonly columns: ItemColumns;
  readonly history: History | null;
  readonly cut: number;
  readonly position: number;
  readonly items: Int32Array;
  readonly task: Int32Array;
};

/** Values of some rows, (rows, width). */
type Block = { readonly values: Float32Array; readonly width: number };

/** Columns side by side behind `first` empty ones: (rows, first + columns) row-major, before any scaling. */
export function assembleColumns(spec: ColumnSpec, rows: ColumnRows, first: number): Float32Array {
  const blocks = blocksOf(spec, rows);
  const width = first + blocks.reduce((sum, block) => sum + block.width, 0);
  const out = new Float32Array(rows.items.length * width);
  let offset = first;
  for (const { values, width: own } of blocks) {
    for (let row = 0; row < rows.items.length; row += 1) {
      out.set(values.subarray(row * own, (row + 1) * own), row * width + offset);
    }
    offset += own;
  }
  return out;
}

function blocksOf(spec: ColumnSpec, rows: ColumnRows): Block[] {
  const { columns, history, items, task, cut, position } = rows;
  const textWidth = columns.text === null ? 0 : columns.text.length / countOf(columns);
  const blocks = [
    ...(spec.output ? [pick(columns.output, OUTPUT_FEATURES.length, items)] : []),
    ...(spec.likelihood ? [pick(columns.likelihood, LIKELIHOOD_WIDTH, items)] : []),
    ...(spec.length ? [pick(columns.length, LENGTH_WIDTH, items)] : []),
    ...(spec.text ? [pick(columns.text, textWidth, items)] : []),
  ];
  if (spec.answer) {
    const { answers, nextTokens } = columns;
    const isKnown = answers !== null && nextTokens !== null && cut >= 0;
    const values = isKnown ? answerFeatures(answers, cut, { nextTokens, items }) : null;
    blocks.push({
      values: values ?? new Float32Array(items.length * ANSWER_WIDTH),
      width: ANSWER_WIDTH,
    });
  }
  const width = historyColumns(spec.history).length;
  if (width === 0) return blocks;
  const values =
    history === null
      ? new Float32Array(items.length * width)
      : historyFeatures(history, { cut, position, kind: spec.history }, { items, task });
  return [...blocks, { values, width }];
}

function countOf({ length }: ItemColumns): number {
  return Math.max(1, length.length / LENGTH_WIDTH);
}

/** Zeros where nothing is known: a head that reads the column is never fitted or scored so. */
function pick(values: Float32Array | null, width: number, items: Int32Array): Block {
  const rows = new Float32Array(items.length * width);
  if (values !== null) {
    items.forEach((item, row) =>
      rows.set(values.subarray(item * width, (item + 1) * width), row * width),
    );
  }
  return { values: rows, width };
}
