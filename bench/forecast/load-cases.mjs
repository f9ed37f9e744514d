// The public forecasting cases and tiny-olmo3, as benchmarks that the product collected from its own store.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  anyOutcomes,
  collectLadders,
  importRecords,
  jobContext,
  openStore,
} from '../../dist/index.js';

const ladderOfTiny = ['d16L2', 'd32L2', 'd32L3', 'd48L3', 'd64L4'].map(
  (name) => `${name}/stage1-step2604-tokens24M`,
);
const targetOfTiny = 'd128L4/stage1-step2604-tokens24M';

/** Every case of `<data>/public/cases.json` and every task of `<data>/tiny-olmo3`: its ladder, target and truth. */
export async function loadCases(data) {
  const scratch = mkdtempSync(join(tmpdir(), 'sonde-cases-'));
  const store = await openStore(join(scratch, '.sonde'));
  try {
    for (const file of ['pythia-arithmetic', 'pythia-evals', 'olmo-ladder']) {
      await importRecords(store, join(data, 'public', 'outcomes', `${file}.csv`));
    }
    await importRecords(store, join(data, 'tiny-olmo3', 'outcomes.csv'));
    const listed = JSON.parse(readFileSync(join(data, 'public', 'cases.json'), 'utf8'));
    const cases = await collectGroups(store, listed);
    const tiny = await collect(store, {
      suite: join(data, 'tiny-olmo3', 'suite'),
      ladder: ladderOfTiny,
      target: targetOfTiny,
      tasks: null,
    });
    const facts = { source: 'tiny-olmo3', kind: 'sizes', perItem: true };
    return {
      cases,
      tiny: tiny.map((one) => ({ ...one, ...facts })),
      anchored: await collectAnchored(store, data, listed),
    };
  } finally {
    await store[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Cases with items whose anchors exist: for the steps of one size the finished models of the others, for tiny-olmo3 three
 * unfinished checkpoints of the target's run.
 */
async function collectAnchored(store, data, listed) {
  const finished = ['pythia-2.8b@143000', 'pythia-6.9b@143000', 'pythia-12b@143000'];
  const steps = listed.filter(({ perItem, kind }) => perItem && kind === 'steps');
  const found = [];
  for (const { suite, ladder, target, task } of steps) {
    const anchors = finished.filter((id) => id !== target);
    found.push(...(await collect(store, { suite, ladder, target, tasks: [task], anchors })));
  }
  const unfinished = ['step1042-tokens10M', 'step1432-tokens13M', 'step1953-tokens18M'];
  const tiny = await collect(store, {
    suite: join(data, 'tiny-olmo3', 'suite'),
    ladder: ladderOfTiny,
    target: targetOfTiny,
    tasks: null,
    anchors: unfinished.map((name) => `d128L4/stage1-${name}`),
  });
  return [...found, ...tiny];
}

/** Cases of one ladder and target are read together. */
async function collectGroups(store, listed) {
  const groups = new Map();
  for (const one of listed) {
    const key = JSON.stringify([one.suite, one.ladder, one.target]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const found = new Map();
  for (const group of groups.values()) {
    const [{ suite, ladder, target }] = group;
    const tasks = group.map(({ task }) => task);
    const collected = await collect(store, { suite, ladder, target, tasks });
    for (const one of collected) found.set(caseKey({ suite, ladder, target, task: one.task }), one);
  }
  return listed.map((one) => {
    const collected = found.get(caseKey(one));
    if (collected === undefined) throw new Error(`no ladder for ${caseKey(one)}`);
    return { ...collected, source: one.suite, kind: one.kind, perItem: one.perItem };
  });
}

function caseKey({ suite, ladder, target, task }) {
  return JSON.stringify([suite, ladder, target, task]);
}

async function collect(store, { suite, ladder, target, tasks, anchors = [] }) {
  const name = suite.endsWith('suite') ? 'tiny' : suite;
  const facts = await targetFacts(store, target, name);
  const collected = await collectLadders(
    store,
    {
      suite,
      ladder,
      anchors,
      tasks,
      benchmark: 'task',
      ...anyOutcomes,
      target: { id: target, flops: facts.flops, facts, curve: null },
    },
    jobContext(),
  );
  const measured = await store.outcomes.status({ suite: name, checkpoints: [target] });
  const truth = new Map(measured.map((row) => [row.task, row.accuracy]));
  const rates = await itemRates(store, { suite: name, checkpoints: [target] });
  return collected.benchmarks.map(({ ladder: own }) => ({
    task: own.task,
    ladder: own,
    targetId: target,
    target: {
      flops: facts.flops,
      params: collected.params === 'paramsNonEmbedding' ? facts.paramsNonEmbedding : facts.params,
      tokens: facts.tokens,
    },
    truth: truth.get(own.task),
    targetRates: own.items?.ids.map((id) => rates.get(`${own.task}/${id}`)) ?? null,
  }));
}

/** The target's pass rate on every item: for errors on a part of the items. */
async function itemRates(store, query) {
  const rates = new Map();
  for (const { task, item, k, n } of await store.outcomes.list(query)) {
    if (item !== null) rates.set(`${task}/${item}`, k / n);
  }
  return rates;
}

async function targetFacts(store, id, suite) {
  const known = (await store.outcomes.checkpoints({ suite })).find(
    ({ checkpoint }) => checkpoint === id,
  );
  if (known === undefined) throw new Error(`no outcomes of ${id}`);
  return known;
}
