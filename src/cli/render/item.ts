import type { ShownAnswer, ShownItem } from '../../jobs/index.ts';
import { points } from './format.ts';
import { renderTable } from './table.ts';
import { withoutControlCharacters } from './terminal-text.ts';

/** A longer text is cut in the middle: the question stands at the end of its examples. */
const maxTextLength = 1200;

/** One question: what is asked, what was measured, predicted and answered. */
export function renderItem(shown: ShownItem, { answers }: { answers: number }): string {
  return [
    ...shown.questions.map(renderQuestion),
    ...(shown.questions.length === 0
      ? [`${shown.item}: no suite of the store holds its text`]
      : []),
    ...(shown.outcomes.length === 0 ? [] : [renderOutcomes(shown)]),
    ...(answers === 0 ? [] : renderAnswers(shown.answers, answers)),
  ].join('\n\n');
}

function renderQuestion(question: ShownItem['questions'][number]): string {
  const { id, suite, task, prompt, messages, target, choices, group } = question;
  const asked =
    prompt ?? (messages ?? []).map(({ role, content }) => `${role}: ${content}`).join('\n');
  return [
    `${id} · task ${task} · suite ${suite}${group === null ? '' : ` · group ${group}`}`,
    indented(asked),
    ...(choices === null ? [] : [`choices: ${choices.map(quoted).join(', ')}`]),
    target.length === 0
      ? 'no target: it is only read'
      : `target: ${target.map(quoted).join(' or ')}`,
  ]
    .map(withoutControl)
    .join('\n');
}

function renderOutcomes({ outcomes, predictions }: ShownItem): string {
  const predicted = new Map(predictions.map((one) => [`${one.suite}\n${one.checkpoint}`, one]));
  return renderTable(
    [
      { title: 'checkpoint', align: 'left' },
      { title: 'suite', align: 'left' },
      { title: 'filter', align: 'left' },
      { title: 'right' },
      { title: 'of' },
      { title: 'rate' },
      { title: 'predicted' },
      { title: 'source', align: 'left' },
    ],
    outcomes.map((outcome) => {
      const { suite, checkpoint, filter, k, n, kind, source, file } = outcome;
      const rate = k === null || n === null ? null : kind === 'score' ? k : k / n;
      const prediction = predicted.get(`${suite}\n${checkpoint}`);
      return [
        checkpoint,
        suite,
        filter ?? '',
        k === null ? '–' : kind === 'score' ? '–' : `${Number(k.toFixed(3))}`,
        n === null ? '–' : `${n}`,
        points(rate),
        points(prediction?.p ?? null),
        source ?? file ?? '',
      ];
    }),
  );
}

function renderAnswers(answers: readonly ShownAnswer[], most: number): string[] {
  const groups = new Map<string, ShownAnswer[]>();
  for (const answer of answers) {
    const { suite, checkpoint, filter, source } = answer;
    const title = [checkpoint, suite, ...(filter === null ? [] : [filter]), source].join(' · ');
    const group = groups.get(title) ?? [];
    groups.set(title, group);
    group.push(answer);
  }
  return [...groups].map(([title, group]) => {
    const lines = group.slice(0, most).map(({ sample, answer, extracted, grade }) => {
      const mark = grade === null ? '?' : grade === 1 ? '✓' : grade === 0 ? '✗' : `${grade}`;
      const taken = extracted === null || extracted === answer ? '' : ` → ${quoted(extracted)}`;
      return `  ${mark} #${sample} ${quoted(answer)}${taken}`;
    });
    const more = group.length - lines.length;
    return [
      `answers at ${title}`,
      ...lines,
      ...(more > 0 ? [`  … ${more} more (--answers ${group.length})`] : []),
    ]
      .map(withoutControl)
      .join('\n');
  });
}

function quoted(text: string): string {
  return JSON.stringify(cut(text, 300));
}

function indented(text: string): string {
  return cut(text, maxTextLength)
    .split('\n')
    .map((line) => `  │ ${line}`)
    .join('\n');
}

function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const half = Math.floor(length / 2);
  return `${text.slice(0, half)} …[${text.length - 2 * half} characters]… ${text.slice(-half)}`;
}

/** What a log holds must not move the terminal's cursor; line ends are ours. */
function withoutControl(text: string): string {
  return text.split('\n').map(withoutControlCharacters).join('\n');
}
