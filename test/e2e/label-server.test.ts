import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTokenizer, openCheckpoint, type PromptTokenizer } from '../../src/checkpoint/index.ts';
import { type LocalEngine, openLocalEngine } from '../../src/engine/index.ts';
import { startTestServer, type TestServer } from '../../src/engine/testing/openai-server.ts';
import { openStore } from '../../src/store/index.ts';
import { runJson, runSonde, series } from '../helpers/run-sonde.ts';

const checkpoint = 'd128L4/stage1-step1432-tokens13M';

let folder: string;
let engine: LocalEngine;
let tokenizer: PromptTokenizer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-label-server-'));
  const opened = await openCheckpoint(join(series, checkpoint));
  engine = await openLocalEngine(opened);
  tokenizer = await loadTokenizer(opened);
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

type Report = {
  readonly checkpoint: string;
  readonly tasks: readonly {
    readonly task: string;
    readonly filter: string | null;
    readonly items: number;
    readonly samples: number;
    readonly accuracy: number;
  }[];
  readonly cost: { readonly promptTokens: number; readonly completionTokens: number };
  readonly server: { readonly url: string; readonly model: string };
  readonly tokensPerSecond: number | null;
};

/** Arguments of a labelling in a store of its own. */
function command(store: string, { url }: TestServer, ...more: string[]): string[] {
  const asked = ['label', 'served', '--suite', 'suite', '--tasks', 'add,choice', '--server', url];
  return ['--store', join(folder, store), ...asked, ...more];
}

async function answersIn(store: string) {
  await using opened = await openStore(join(folder, store));
  return await opened.answers.list();
}

describe('label --server', () => {
  it('gives pass rates of the model behind it, to an id that nothing is known of', async () => {
    await using server = await startTestServer({ engine, tokenizer });
    const report = await runJson<Report>(command('rates', server, '--samples', '40'));
    expect(report).toMatchObject({
      checkpoint: 'served',
      server: { url: server.url, model: 'tiny' },
      tasks: ['add', 'choice'].map((task) => ({ task, filter: null, items: 140, samples: 5600 })),
    });
    expect(report.cost.completionTokens).toBeGreaterThan(2 * 5600);
    expect(report.tokensPerSecond).toBeGreaterThan(0);
    // One request a question, eight at a time.
    expect(server.requests.filter(({ body }) => body !== null)).toHaveLength(280);
    expect(server.mostOpen()).toBe(8);
    const local = await runJson<Report>([
      ...['--store', join(folder, 'local'), 'label', checkpoint, '--suite', 'suite'],
      ...['--tasks', 'add,choice', '--samples', '40'],
    ]);
    for (const [i, { accuracy }] of report.tasks.entries()) {
      // Sampling errors of two times 5600 answers, of questions with rates far from one half mostly.
      expect(Math.abs(accuracy - local.tasks[i]!.accuracy)).toBeLessThan(0.03);
    }
    const answers = await answersIn('rates');
    expect(answers).toHaveLength(2 * 5600);
    expect(new Set(answers.map(({ fingerprint }) => fingerprint))).toEqual(new Set([null]));

    // Nothing is missing: nothing is asked.
    server.requests.length = 0;
    const again = await runJson<Report>(
      command('rates', server, '--samples', '40', '--model', 'tiny'),
    );
    expect(server.requests).toEqual([]);
    expect(again).toMatchObject({ tasks: report.tasks, cost: { completionTokens: 0 } });
  });

  it('keeps what was finished before a failure, and asks only for the rest', async () => {
    await using server = await startTestServer({ engine, tokenizer, severalAtOnce: 'ignored' });
    const asked = command('resumed', server, '--samples', '3', '--concurrency', '2');
    const rest = new Array<{ status: number; body: string }>(9).fill({
      ...{ status: 400, body: '{"error": {"message": "prompt too long"}}' },
    });
    const fine = new Array<null>(100).fill(null);
    server.faults.push(...fine, ...rest);
    const { code, stdout, stderr } = await runSonde(asked);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      new RegExp(
        `^sonde: label: item \`\\S+\`: ${server.url}/completions answered 400 Bad Request: prompt too long; what was finished before is kept, the same command goes on from there$`,
        'm',
      ),
    );
    const before = await answersIn('resumed');
    expect(before).toHaveLength(100);
    server.requests.length = 0;
    server.faults.length = 0;
    const report = await runJson<Report>(asked);
    expect(report.tasks.map(({ samples }) => samples)).toEqual([420, 420]);
    // Every answer that was missing was asked for once.
    expect(server.requests.filter(({ body }) => body !== null)).toHaveLength(840 - 100);
    const after = await answersIn('resumed');
    expect(after).toHaveLength(840);
    const key = (answer: (typeof after)[number]): string => JSON.stringify(answer);
    const kept = new Set(after.map(key));
    expect(before.filter((answer) => !kept.has(key(answer)))).toEqual([]);
  });

  it('goes on where it was killed, and asks for nothing twice that was kept', async () => {
    await using server = await startTestServer({ engine, tokenizer });
    const asked = command('killed', server, '--samples', '30', '--model', 'tiny');
    for (let kills = 0; ; kills += 1) {
      const before = (await answersIn('killed')).length;
      server.requests.length = 0;
      const { code, stderr } = await runSonde(asked, { killAfterMs: 1500 * 1.5 ** kills });
      if (code === null) continue;
      expect({ code, kills: kills > 0 }, stderr).toEqual({ code: 0, kills: true });
      expect(server.requests).toHaveLength((280 * 30 - before) / 30);
      break;
    }
    expect(await answersIn('killed')).toHaveLength(280 * 30);
  });

  it('never counts answers of another model, server or top-k', async () => {
    await using server = await startTestServer({ engine, tokenizer, models: ['a', 'b'] });
    const ask = async (...more: string[]): Promise<number> => {
      server.requests.length = 0;
      await runJson(command('models', server, '--tasks', 'mod', '--samples', '2', ...more));
      return server.requests.length;
    };
    expect(await ask('--model', 'a')).toBe(140);
    expect(await ask('--model', 'b')).toBe(140);
    expect(await ask('--model', 'b', '--top-k', '3')).toBe(140);
    expect(await ask('--model', 'a')).toBe(0);
    expect(await ask('--model', 'b', '--seed', '1')).toBe(140);
    await using store = await openStore(join(folder, 'models'));
    const outcomes = await store.outcomes.list();
    // The last labelling stands, nothing was added to it.
    expect(outcomes).toHaveLength(140);
    expect(new Set(outcomes.map(({ n, source }) => `${n} ${source}`))).toEqual(
      new Set(['2 label:1']),
    );
    expect(await ask('--model', 'b')).toBe(0);
    // Two seeds of one model.
    const both = await store.outcomes.list();
    expect(new Set(both.map(({ n, source, topK }) => `${n} ${source} ${topK}`))).toEqual(
      new Set(['4 label:0 … label:1 null']),
    );
    expect(new Set(both.map(({ servedModel }) => servedModel))).toEqual(
      new Set([`b@${server.url}`]),
    );
    const { code, stderr } = await runSonde(command('models', server, '--quiet'));
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `sonde: --model: expected one of the 2 models that ${server.url} lists (a, b), got none\n`,
    });
  });

  it('sends the key of the environment, and shows and stores it nowhere', async () => {
    const key = 'sk-very-secret';
    await using server = await startTestServer({ engine, tokenizer, apiKey: key });
    const env = { OPENAI_API_KEY: key };
    const asked = command('key', server, '--tasks', 'add', '--samples', '1');
    const repeating = { choices: [{ index: 0, text: `You sent ${key}`, finish_reason: 'stop' }] };
    server.faults.push({ status: 200, body: JSON.stringify(repeating) });
    await runJson(asked, { env });
    const files = readdirSync(join(folder, 'key'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    expect(files.length).toBeGreaterThan(3);
    expect(files.filter((content) => content.includes(key))).toEqual([]);
    const refused = await runSonde([...asked, '--seed', '9'], {
      env: { OPENAI_API_KEY: 'sk-old' },
    });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('(the key is read from OPENAI_API_KEY)');
    expect(refused.stderr).not.toContain('sk-old');
  });

  it('refuses what it cannot use', async () => {
    const refusal = async (...more: string[]): Promise<string> => {
      const asked = ['--store', join(folder, 'refused'), 'label', 'x', '--suite', 'suite'];
      return (await runSonde([...asked, '--quiet', ...more])).stderr;
    };
    const long = await runSonde([
      ...['label', 'x'.repeat(5000), '--suite', 'suite', '--server', 'http://127.0.0.1:1/v1'],
      ...['--model', 'm', '--quiet'],
    ]);
    expect(long.stderr).toBe(
      'sonde: checkpoints: expected an id of at most 4096 characters, got one of 5000\n',
    );
    expect(await refusal('--model', 'm')).toBe(
      'sonde: --model: expected --server with it, got none\n',
    );
    expect(await refusal('--server', 'localhost')).toBe(
      'sonde: --server: expected an HTTP address such as http://localhost:8000/v1, got `localhost`\n',
    );
    expect(await refusal('--server', 'http://127.0.0.1:9')).toContain(
      'sonde: --server: expected http://127.0.0.1:9/v1/models to list the models, it refused the connection (ECONNREFUSED); name the model with --model\n',
    );
    expect(await refusal()).toMatch(
      /^sonde: checkpoints: expected a checkpoint’s folder or an id that the store knows, got `x`/,
    );
  });
});
