import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTokenizer, openCheckpoint } from '../../src/checkpoint/index.ts';
import { openLocalEngine } from '../../src/engine/index.ts';
import { startTestServer } from '../../src/engine/testing/openai-server.ts';
import { openStore } from '../../src/store/index.ts';
import { runJson, runSonde, series } from '../helpers/run-sonde.ts';

const checkpoint = 'd128L4/stage1-step1432-tokens13M';
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../golden/likelihood.json'), 'utf8'),
) as {
  items: {
    id: string;
    prompt: string;
    target: string;
    choices: string[];
    logLikelihoods: number[];
    acc: number;
    accNorm: number;
  }[];
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-choices-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Items = readonly Record<string, unknown>[];
const goldenItems: Items = golden.items.map(({ id, prompt, target, choices }) => ({
  ...{ task: 'mc', id, prompt, target, choices },
}));

function suiteOf(name: string, items: Items): string {
  const suite = join(folder, name);
  mkdirSync(suite);
  writeFileSync(
    join(suite, 'suite.yaml'),
    `name: ${name}
version: 1
tasks:
  mc: { chance: 0.25, maxTokens: 1, grader: loglikelihood, filter: acc_norm }
  open: { chance: 0, maxTokens: 6, stop: ["\\n"], grader: exact }
`,
  );
  const lines = items.map((item) => `${JSON.stringify(item)}\n`);
  writeFileSync(join(suite, 'items.jsonl'), lines.join(''));
  return suite;
}

type Report = {
  readonly tasks: readonly {
    readonly task: string;
    readonly filter: string | null;
    readonly samples: number;
    readonly accuracy: number;
  }[];
  readonly cost: { readonly promptTokens: number; readonly completionTokens: number };
};

const mean = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / values.length;

/** Rows of a report on these items. */
function expected(items: typeof golden.items): Report['tasks'] {
  const about = { task: 'mc', samples: items.length };
  return [
    { ...about, filter: 'acc', accuracy: mean(items.map(({ acc }) => acc)) },
    { ...about, filter: 'acc_norm', accuracy: mean(items.map(({ accNorm }) => accNorm)) },
  ];
}

describe('label of choices', () => {
  it('says what lm-evaluation-harness says, beside sampled tasks, and reads nothing twice', async () => {
    const { prompt, target } = golden.items[30]!;
    const suite = suiteOf('both', [...goldenItems, { task: 'open', id: 'o', prompt, target }]);
    const store = join(folder, 'both-store');
    const asked = ['--store', store, 'label', checkpoint, '--suite', suite, '--samples', '5'];
    const report = await runJson<Report>(asked);
    expect(report.tasks).toMatchObject([
      ...expected(golden.items),
      { task: 'open', filter: null, samples: 5 },
    ]);
    const again = await runJson<Report>([...asked, '--seed', '0']);
    expect(again.tasks).toEqual(report.tasks);
    expect(again.cost).toEqual({ promptTokens: 0, completionTokens: 0 });

    await using opened = await openStore(store);
    const choices = (await opened.answers.list({ tasks: ['mc'] })).filter(
      ({ item }) => item === golden.items[12]!.id,
    );
    expect(choices.map(({ sample, answer, grade }) => ({ sample, answer, grade }))).toEqual(
      golden.items[12]!.choices.map((answer, sample) => ({
        ...{ sample, answer, grade: Number(answer === golden.items[12]!.target) },
      })),
    );
    for (const [i, { logLikelihood }] of choices.entries()) {
      expect(logLikelihood).toBeCloseTo(golden.items[12]!.logLikelihoods[i]!, 3);
    }
    const outcomes = await opened.outcomes.list({ tasks: ['mc'] });
    expect(outcomes).toHaveLength(2 * 48);
    for (const { item, filter, k, n, temperature, seed, source } of outcomes) {
      const right = golden.items.find(({ id }) => id === item);
      expect({ item, n, temperature, seed, source, k }).toEqual({
        ...{ item, n: 1, temperature: null, seed: null, source: 'label:likelihood' },
        k: filter === 'acc' ? right?.acc : right?.accNorm,
      });
    }
    // A change of the choices asks anew, a change of the target only grades anew.
    const changed = goldenItems.map((item, i) => (i === 0 ? { ...item, target: 'B' } : item));
    const regraded = await runJson<Report>([
      ...['--store', store, 'label', checkpoint, '--suite', suiteOf('both2', changed)],
    ]);
    expect(regraded.cost.promptTokens).toBeGreaterThan(0);
  });

  it('says the same through a server that echoes', async () => {
    const opened = await openCheckpoint(join(series, checkpoint));
    await using engine = await openLocalEngine(opened);
    const tokenizer = await loadTokenizer(opened);
    await using server = await startTestServer({ engine, tokenizer });
    const suite = suiteOf('served', goldenItems.slice(20, 32));
    const store = join(folder, 'served-store');
    const args = ['--store', store, 'label', 'served', '--suite', suite];
    const report = await runJson<Report>([...args, '--server', server.url]);
    expect(report.tasks).toMatchObject(expected(golden.items.slice(20, 32)));
    expect(report.cost.promptTokens).toBeGreaterThan(5 * 12 * 10);
    const { code, stderr } = await runSonde([
      ...args,
      ...['--server', server.url, '--render', 'messages', '--quiet'],
    ]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `sonde: label: item \`${golden.items[20]!.id}\` of task \`mc\` is graded by loglikelihood, which servers tell of texts only; ask with --render prompt, and give the item a \`prompt\`\n`,
    });
  });

  it('refuses an item without choices by name, before any work', async () => {
    const [first, ...rest] = goldenItems;
    const suite = suiteOf('broken', [...rest, { ...first, choices: undefined }]);
    const args = ['--store', join(folder, 'broken-store'), 'label', checkpoint, '--suite', suite];
    const { code, stderr } = await runSonde(args);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `sonde: \`items.jsonl\`: expected at least two \`choices\` in item \`choice-000\` of task \`mc\`, which is graded by loglikelihood, got none\n`,
    });
  });
});
