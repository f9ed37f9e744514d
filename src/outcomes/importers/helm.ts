import { basename, dirname } from 'node:path';
import { UserError } from '../../error/index.ts';
import type { Importer, ImportOptions, LogCheckpoint } from '../importer.ts';
import { identifyModel } from '../log/identify-model.ts';
import { Repeats } from '../log/repeats.ts';
import { validRecords } from '../log/valid-records.ts';
import type { OutcomeRecord } from '../record.ts';
import { beside, helmFile, isFile, mainName } from './helm/files.ts';
import {
  type HelmContext,
  createRecordMaker,
  promptKey,
  type Prompts,
  takePrompts,
} from './helm/instance-records.ts';
import { type HelmRun, helmTask, readRunSpec } from './helm/run-spec.ts';
import { readScores, scoreMetrics } from './helm/scores.ts';
import { measureRecord, placeOf, readSizes, readSummary, taskRecord } from './helm/summary.ts';

const companionNames = ['run_spec.json', 'scenario_state.json', 'stats.json'];

/** HELM: a run's folder, read by its `per_instance_stats.json`; by `stats.json` where that is all there is. */
export function createHelmImporter(): Importer {
  return {
    format: 'helm',
    detect: async (path) => ((await helmFile(path)) === null ? 0 : 1),
    async companions(path) {
      const kind = await helmFile(path);
      const names = kind === 'per-instance' ? companionNames : ['run_spec.json'];
      if (kind !== 'per-instance' && kind !== 'stats') return [];
      const paths = names.map((name) => beside(path, name));
      const there = await Promise.all(paths.map(isFile));
      return paths.filter((_, index) => there[index]);
    },
    passOver,
    read: (path, options) => validRecords(readLog(path, options), basename(path)),
  };
}

async function passOver(path: string): Promise<string | null> {
  const kind = await helmFile(path);
  if (kind === null || kind === 'per-instance') return null;
  if (await isFile(beside(path, mainName))) return `read with ${mainName}`;
  return kind === 'stats' ? null : `the run’s ${mainName}, which holds its results, is not here`;
}

async function* readLog(path: string, options: ImportOptions = {}): AsyncGenerator<OutcomeRecord> {
  const kind = await helmFile(path);
  if (kind !== 'per-instance' && kind !== 'stats') {
    throw new UserError(
      `\`${basename(path)}\`: expected a run’s ${mainName} or stats.json as HELM writes them, it is neither (in ${dirname(path)})`,
    );
  }
  const run = await runOf(path);
  const checkpoint = await nameCheckpoint(run, options, path);
  if (kind === 'stats') yield* summaryRecords(path, { run, checkpoint, options });
  else yield* runRecords(path, { run, checkpoint, options });
}

async function runOf(path: string): Promise<HelmRun> {
  const spec = beside(path, 'run_spec.json');
  const folder = basename(dirname(path));
  if (await isFile(spec)) return readRunSpec(spec, `${folder}/run_spec.json`);
  throw new UserError(
    `\`${basename(path)}\`: expected \`run_spec.json\` beside it, which names task and model (in ${dirname(path)})`,
  );
}

async function nameCheckpoint(
  run: HelmRun,
  options: ImportOptions,
  path: string,
): Promise<LogCheckpoint> {
  const model =
    run.model ??
    (options.checkpoint === undefined ? null : { name: options.checkpoint, revision: null });
  if (model === null) {
    throw new UserError(
      `\`${basename(path)}\`: expected the model in \`adapter_spec.model\` of run_spec.json, found none: pass --checkpoint`,
    );
  }
  return (options.identify ?? identifyModel)(model);
}

type RunContext = Pick<HelmContext, 'run' | 'checkpoint' | 'options'>;

async function* runRecords(path: string, given: RunContext): AsyncGenerator<OutcomeRecord> {
  const name = basename(path);
  const metrics = await scoreMetrics(path, name);
  const context: HelmContext = { ...given, metrics };
  const { run, options } = context;
  const requests = beside(path, 'scenario_state.json');
  const prompts: Prompts | null = (await isFile(requests))
    ? await takePrompts(requests, context)
    : null;
  const recordsOf = createRecordMaker(context);
  let perturbed = 0;
  const repeats = run.trials > 1 ? new Repeats() : null;
  for await (const scored of readScores(path, name, () => (perturbed += 1))) {
    const prompt = prompts?.of.get(promptKey(scored)) ?? null;
    for (const record of recordsOf(scored, prompt)) {
      if (repeats === null) yield record;
      else repeats.add(record);
    }
  }
  if (repeats !== null) yield* repeats.records();
  yield* wholeRecords(path, context);
  for (const notice of notices({ run, prompts, perturbed })) options.onNotice?.(notice);
}

function notices({
  run,
  prompts,
  perturbed,
}: {
  run: HelmRun;
  prompts: Prompts | null;
  perturbed: number;
}): string[] {
  const found: string[] = [];
  if (perturbed > 0) {
    found.push(`${perturbed} rows about perturbed inputs are left out: they are other questions`);
  }
  if (prompts === null) {
    found.push('scenario_state.json is not here: the prompts are unknown, and no suite is written');
  } else if (prompts.broken) {
    found.push(
      'choices whose prompts differ in more than the choice: these questions go to no suite',
    );
  }
  if (run.trials > 1) {
    found.push(
      `${run.trials} trials with examples of their own: the outcomes of each are kept, a suite holds the prompts of the first`,
    );
  }
  return found;
}

/** Claims for the scores of instances; records of what is no score of an instance. */
async function* wholeRecords(path: string, context: HelmContext): AsyncGenerator<OutcomeRecord> {
  const { run, checkpoint, options, metrics } = context;
  const summary = beside(path, 'stats.json');
  if (!(await isFile(summary))) {
    options.onNotice?.('stats.json is not here: the accuracies that HELM wrote cannot be checked');
    return;
  }
  const suite = options.suite ?? 'helm';
  for (const stat of await readSummary(summary, run)) {
    if (!metrics.has(stat.metric)) {
      yield measureRecord(stat, { run, checkpoint, suite });
    } else if (stat.mean >= 0 && stat.mean <= 1) {
      options.onClaim?.({
        task: helmTask(run.name, stat),
        checkpoint: checkpoint.checkpoint,
        filter: stat.metric,
        accuracy: stat.mean,
      });
    }
  }
}

async function* summaryRecords(
  path: string,
  { run, checkpoint, options }: RunContext,
): AsyncGenerator<OutcomeRecord> {
  const suite = options.suite ?? 'helm';
  const sizes = await readSizes(path);
  for (const stat of await readSummary(path, run)) {
    yield taskRecord(stat, { run, checkpoint, suite, size: sizes.get(placeOf(stat)) ?? null });
  }
}
