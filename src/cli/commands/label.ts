import { UserError } from '../../error/index.ts';
import type { LabelOptions, LabelReport } from '../../jobs/index.ts';
import type { CommandDefinition } from '../command.ts';
import type { CliSession } from '../session.ts';
import { oneOf, realNumber, wholeNumber } from '../option-parsers.ts';
import { numberOption, optionalNumber, optionalText, textOption } from '../options.ts';
import { duration, points } from '../render/format.ts';
import { renderTable } from '../render/table.ts';
import { addDeviceOption, addPassOptions, withPassLimits } from './pass-options.ts';
import { addSuiteOptions, readSuiteOptions } from './shared-options.ts';

const designs = ['random', 'stratified', 'pps'] as const;

export const labelCommand: CommandDefinition = {
  usage: 'label <checkpoint>',
  summary:
    'samples and grades answers, with the checkpoint itself or through a server, and keeps them',
  configure: (command) => {
    addDeviceOption(addPassOptions(addSuiteOptions(command)))
      .option('--precision <type>', 'f32: answers are always sampled in float32', parsePrecision)
      .option('--samples <n>', 'answers a question', wholeNumber('--samples', { min: 1 }), 100)
      .option('--temperature <t>', '0 is greedy', realNumber('--temperature', { min: 0 }), 1)
      .option('--top-p <p>', 'nucleus sampling', realNumber('--top-p', { min: 1e-6, max: 1 }), 0.7)
      .option('--top-k <k>', 'only the k likeliest tokens', wholeNumber('--top-k', { min: 1 }))
      .option('--seed <n>', 'seed of the draws', wholeNumber('--seed', { min: 0 }), 0)
      .option(
        '--questions <n>',
        'label only so many, shared among the tasks and chosen by --design',
        wholeNumber('--questions', { min: 2 }),
      )
      .option(
        '--design <design>',
        'with --questions: random, stratified or pps; the last two need --probe (default: random)',
        oneOf('--design', designs),
      )
      .option('--probe <name>', 'with --questions: a fitted probe whose predictions choose')
      .option('--server <url>', 'an OpenAI-compatible server answers: http://localhost:8000/v1')
      .option('--model <name>', 'with --server: its model (default: the only one it lists)')
      .option(
        '--concurrency <n>',
        'with --server: requests at a time (default: 8)',
        wholeNumber('--concurrency', { min: 1, max: 1024 }),
      )
      .option(
        '--timeout <s>',
        'with --server: seconds until the whole of an answer (default: 60)',
        realNumber('--timeout', { min: 0.1, max: 86_400 }),
      );
  },
  run: async ([checkpoint = ''], options, session) => {
    const { label } = await import('../../jobs/index.ts');
    const report = await label(
      await session.store(),
      { checkpoint, ...readSuiteOptions(options) },
      {
        samples: numberOption(options, 'samples'),
        temperature: numberOption(options, 'temperature'),
        topP: numberOption(options, 'topP'),
        topK: optionalNumber(options, 'topK'),
        seed: numberOption(options, 'seed'),
        choose: readChoice(options),
        server: readServer(options, session),
      },
      withPassLimits(options, session),
    );
    return { json: report, text: () => renderReport(report) };
  },
};

function parsePrecision(value: string): 'f32' {
  if (value === 'f32') return value;
  throw new UserError(
    `--precision: expected f32, got \`${value}\`; answers are always sampled in float32, states for probes (sonde extract, fit) may be approximate`,
  );
}

function readChoice(options: Record<string, unknown>): NonNullable<LabelOptions['choose']> | null {
  const questions = optionalNumber(options, 'questions');
  const design = optionalText(options, 'design');
  const probe = optionalText(options, 'probe');
  if (questions !== null) {
    return {
      questions,
      design: design === null ? 'random' : textOption(options, 'design', designs),
      probe,
    };
  }
  const alone = design === null ? '--probe' : '--design';
  if (design === null && probe === null) return null;
  throw new UserError(
    `${alone}: expected --questions with it, got none; without, all are labelled`,
  );
}

const serverOptions = ['model', 'concurrency', 'timeout'] as const;
const localOptions = ['memory', 'threads', 'batchTokens', 'device', 'precision'] as const;

function readServer(
  options: Record<string, unknown>,
  { env }: CliSession,
): NonNullable<LabelOptions['server']> | null {
  const url = optionalText(options, 'server');
  if (url === null) {
    const alone = serverOptions.find((name) => options[name] !== undefined);
    if (alone === undefined) return null;
    throw new UserError(`--${alone}: expected --server with it, got none`);
  }
  const local = localOptions.find((name) => options[name] !== undefined);
  if (local !== undefined) {
    throw new UserError(
      `--${local === 'batchTokens' ? 'batch-tokens' : local}: expected no --server with it, got ${url}; it is for a checkpoint that answers here`,
    );
  }
  const apiKey = (env['OPENAI_API_KEY'] ?? '').trim();
  return {
    url,
    model: optionalText(options, 'model'),
    apiKey: apiKey === '' ? null : apiKey,
    concurrency: optionalNumber(options, 'concurrency') ?? 8,
    timeoutMs: (optionalNumber(options, 'timeout') ?? 60) * 1000,
  };
}

function renderReport(report: LabelReport): string {
  const isFiltered = report.tasks.some(({ filter }) => filter !== null);
  const table = renderTable(
    [
      { title: 'task', align: 'left' },
      ...(isFiltered ? [{ title: 'filter', align: 'left' as const }] : []),
      { title: 'items' },
      { title: 'samples' },
      { title: 'accuracy' },
      { title: '± s.e.' },
    ],
    report.tasks.map((task) => [
      task.task,
      ...(isFiltered ? [task.filter ?? '-'] : []),
      `${task.items}`,
      `${task.samples}`,
      points(task.accuracy),
      points(task.standardError),
    ]),
  );
  const { design } = report;
  const by = report.server === null ? '' : ` by ${report.server.model} at ${report.server.url}`;
  const title = `${by}${design === null ? '' : `, ${describeDesign(design)}`}`;
  const about =
    design === null
      ? ''
      : '\n\nof the chosen questions alone; sonde predict --use-labels estimates the tasks from them';
  return `${report.checkpoint}${title}, accuracies in points\n\n${table}${about}\n\n${describeCost(report)}`;
}

function describeDesign({ design, tasks, seed }: NonNullable<LabelReport['design']>): string {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const chosen = sum(tasks.map((task) => task.chosen));
  const all = sum(tasks.map(({ questions }) => questions));
  return `${chosen} of ${all} questions by design ${design}, seed ${seed}`;
}

/** `12 s, 340 tokens/s, 1,200 tokens read and 4,080 sampled`. */
function describeCost({ seconds, tokensPerSecond, cost }: LabelReport): string {
  const { promptTokens, completionTokens } = cost;
  const speed = tokensPerSecond === null ? [] : [`${Math.round(tokensPerSecond)} tokens/s`];
  const count = (tokens: number): string => tokens.toLocaleString('en');
  const tokens =
    promptTokens === null || completionTokens === null
      ? ['the server does not count tokens']
      : promptTokens + completionTokens === 0
        ? []
        : [`${count(promptTokens)} tokens read and ${count(completionTokens)} sampled`];
  return [duration(seconds), ...speed, ...tokens].join(', ');
}
