import { type ArchitectureName, architectureOf, AUTO_ARCHITECTURES } from './architectures.ts';
import type { ProbeLayout } from './activations.ts';
import type { FitSettings } from './fit-settings.ts';
import type { HeadSpec } from './head.ts';
import type { HeadSpecs } from './heads.ts';
import type { HistoryKind } from './history.ts';
import {
  fitRepresentation,
  type Representation,
  type RepresentationOptions,
  type RepresentationSource,
  type StateView,
  viewsOf,
} from './representation.ts';
import {
  choose,
  type SelectionRow,
  validateSeen,
  validateUnseen,
  type Validation,
} from './selection.ts';
import { trainableItems, type TrainingSet } from './training-set.ts';

/** Ridges to choose from, in questions; the first is the default. */
const RIDGES: readonly HeadSpec['ridge'][] = [
  { shared: 30, deviation: 30 },
  { shared: 100, deviation: 100 },
  { shared: 10, deviation: 30 },
  { shared: 300, deviation: 300 },
];

/** Weaker ones, for when few answers are there to learn from. */
const WEAK_RIDGES: readonly HeadSpec['ridge'][] = [
  { shared: 10, deviation: 10 },
  { shared: 3, deviation: 10 },
];

/** Labelled (question, checkpoint) pairs below which weaker ridges are tried, and networks and texts are not. */
const FEW_ROWS = 5000;

const COMPONENTS = 256;

export type Chosen = {
  readonly representation: Representation | null;
  readonly views: readonly StateView[] | null;
  readonly specs: HeadSpecs;
  readonly table: readonly SelectionRow[];
};

type Prepared = Pick<Chosen, 'representation' | 'views'>;

/** Chooses, in this order: layers, pool, standardisation, ridges of the heads, use of the task's history. */
export async function chooseProbe(
  validation: Validation,
  layout: ProbeLayout,
  settings: FitSettings,
  progress: (step: string) => void,
): Promise<Chosen> {
  const table: SelectionRow[] = [];
  const plain = specOf(settings, 'none');
  const prepared = settings.states
    ? await chooseRepresentation(validation, { layout, settings, plain, table, progress })
    : { representation: null, views: null };
  progress('select unseen');
  const scoreUnseen = (spec: HeadSpec) => validateUnseen(validation, spec, prepared.views);
  const unseen = await choose('unseen', ridged(validation, plain), scoreUnseen);
  const worded = await choose(
    'unseen-text',
    wordings(validation, settings, unseen.value),
    scoreUnseen,
  );
  const kind = await choose(
    'architecture',
    architectures(validation, settings, { spec: worded.value, names: AUTO_ARCHITECTURES }),
    scoreUnseen,
  );
  table.push(...unseen.table, ...(worded.table.length > 1 ? worded.table : []), ...kind.table);
  const single = validation.set.checkpoints.length === 1;
  if (!settings.history || single) {
    return { ...prepared, specs: { plain: kind.value, task: null, item: null }, table };
  }
  const kinds = (['task', 'none'] as const).map((history) => ({
    name: history === 'none' ? 'without task history' : 'with task history',
    value: { ...kind.value, history },
  }));
  const task = await choose('unseen-history', kinds, scoreUnseen);
  progress('select seen');
  const seen = await choose('seen', ridged(validation, specOf(settings, 'item')), (spec) =>
    validateSeen(validation, spec, prepared.views),
  );
  const seenKinds = [
    ...new Set(['linear', ...SEEN_ARCHITECTURES, kind.value.architecture] as const),
  ];
  const seenKind = await choose(
    'seen-architecture',
    architectures(validation, settings, { spec: seen.value, names: seenKinds }),
    (spec) => validateSeen(validation, spec, prepared.views),
  );
  table.push(...task.table, ...seen.table, ...seenKind.table);
  const specs = {
    plain: kind.value,
    task: task.value.history === 'task' ? task.value : null,
    item: seenKind.value,
  };
  return { ...prepared, specs, table };
}

/** The baseline of that name: the same estimator on outcomes alone, its ridges chosen in the same way. */
export async function chooseHistoryOnly(
  validation: Validation,
): Promise<{ specs: HeadSpecs; table: readonly SelectionRow[] }> {
  if (validation.set.checkpoints.length === 1) {
    return { specs: { plain: null, task: null, item: null }, table: [] };
  }
  const spec = (history: HistoryKind) => ({
    architecture: 'linear' as const,
    states: false,
    output: false,
    likelihood: false,
    length: false,
    text: false,
    answer: false,
    history,
    ridge: RIDGES[0]!,
    recency: 1,
  });
  const item = await choose('historyOnly', ridged(validation, spec('item')), (s) =>
    validateSeen(validation, s, null),
  );
  const task = { ...spec('task'), ridge: item.value.ridge };
  return { specs: { plain: null, task, item: item.value }, table: item.table };
}

function specOf(settings: FitSettings, history: HistoryKind): HeadSpec {
  const { states, output, likelihood, length, recency } = settings;
  const answer = settings.answer && history === 'item';
  // The text is of use where questions are many: `chooseProbe` finds out. A question's own rates know more than its text.
  const columns = { output, likelihood, length, text: false, history, answer };
  return { architecture: 'linear', states, ...columns, ridge: RIDGES[0]!, recency };
}

/** On few questions a text that happens to go with their outcomes is easily found: it is not tried. */
function wordings(
  { set }: Validation,
  settings: FitSettings,
  spec: HeadSpec,
): { name: string; value: HeadSpec }[] {
  const without = { name: 'without the text', value: spec };
  const text = settings.text && labelledRows(set) >= FEW_ROWS;
  return text ? [without, { name: 'with the text', value: { ...spec, text } }] : [without];
}

/** With history what matters stands in a few columns: the network that mixes them is tried beside the linear one. */
const SEEN_ARCHITECTURES: readonly ArchitectureName[] = ['mlp'];

/** Architectures to compare, the linear one first; the one asked for alone. */
function architectures(
  { set }: Validation,
  settings: FitSettings,
  { spec, names }: { spec: HeadSpec; names: readonly ArchitectureName[] },
): { name: string; value: HeadSpec }[] {
  const isSmall = labelledRows(set) < FEW_ROWS;
  const compared =
    settings.architecture === 'auto'
      ? names.filter((name) => !(isSmall && architectureOf(name).isNetwork))
      : [settings.architecture];
  return compared
    .filter((name) => settings.states || architectureOf(name).reads === 'components')
    .map((name) => ({ name, value: { ...spec, architecture: name } }));
}

function ridged({ set }: Validation, spec: HeadSpec): { name: string; value: HeadSpec }[] {
  const ridges = labelledRows(set) < FEW_ROWS ? [...RIDGES, ...WEAK_RIDGES] : RIDGES;
  return ridges.map((ridge) => ({
    name: `ridge ${ridge.shared} shared, ${ridge.deviation} per task`,
    value: { ...spec, ridge },
  }));
}

function labelledRows({ n }: TrainingSet): number {
  return n.reduce((sum, answers) => sum + (answers > 0 ? 1 : 0), 0);
}

async function chooseRepresentation(
  validation: Validation,
  {
    layout,
    settings,
    plain,
    table,
    progress,
  }: {
    layout: ProbeLayout;
    settings: FitSettings;
    plain: HeadSpec;
    table: SelectionRow[];
    progress: (step: string) => void;
  },
): Promise<Prepared> {
  const cache = new Map<string, Prepared>();
  const prepare = async (options: RepresentationOptions): Promise<Prepared> => {
    const key = JSON.stringify(options);
    const known = cache.get(key);
    if (known !== undefined) return known;
    const made = await representationOf(validation, options, layout.hidden);
    cache.clear();
    cache.set(key, made);
    return made;
  };
  const score = async (options: RepresentationOptions) =>
    validateUnseen(validation, plain, (await prepare(options)).views);
  const [first = 'last', ...others] = settings.pools;
  const { align } = settings;
  const standardise = settings.standardise === 'auto' ? 'none' : settings.standardise;
  const base = { pool: first, standardise, align, components: COMPONENTS };
  const layerSets = settings.layers === null ? layerCandidates(layout.layers) : [settings.layers];
  let best: RepresentationOptions = { ...base, layers: layerSets[0]! };
  const stages: ((from: RepresentationOptions) => RepresentationOptions[])[] = [
    (from) => layerSets.map((layers) => ({ ...from, layers })),
    (from) => [from, ...others.map((pool) => ({ ...from, pool }))],
    (from) => (settings.standardise === 'auto' ? [from, { ...from, standardise: 'task' }] : [from]),
  ];
  for (const candidates of stages) {
    const list = candidates(best);
    if (list.length === 1) continue;
    progress('select representation');
    const result = await choose(
      'representation',
      list.map((value) => ({ name: describe(value), value })),
      score,
    );
    best = result.value;
    table.push(...result.table);
  }
  return prepare(best);
}

/** All layers together, then single ones from the middle up: where such probes usually do best. */
function layerCandidates(layers: number): number[][] {
  const at = (share: number) => Math.round(share * (layers - 1));
  const singles = [...new Set([at(0.5), at(0.75), at(1)])].map((layer) => [layer]);
  return layers === 1 ? [[0]] : [Array.from({ length: layers }, (_, i) => i), ...singles];
}

function describe({ pool, layers, standardise, align }: RepresentationOptions): string {
  const which = layers.length === 1 ? `layer ${layers[0]!}` : `layers ${layers.join(' ')}`;
  const aligned = align === 'none' ? '' : `, aligned (${align})`;
  return `${pool}, ${which}, ${STANDARDISED[standardise]}${aligned}`;
}

const STANDARDISED = {
  none: 'as they are',
  task: 'per task and checkpoint',
  checkpoint: 'scaled per checkpoint',
} as const;

/** Components of every fitted checkpoint under a representation learned from them. */
async function representationOf(
  { set, kernel }: Pick<Validation, 'set' | 'kernel'>,
  options: RepresentationOptions,
  hidden: number,
): Promise<Prepared> {
  const sources = sourcesOf(set);
  const representation = await fitRepresentation(sources, options, { hidden, kernel });
  return { representation, views: await viewsOf(representation, sources, kernel) };
}

/** The fitted checkpoints as a representation reads them. */
export function sourcesOf(set: TrainingSet): RepresentationSource[] {
  const rows = trainableItems(set, () => true);
  const ids = set.items.map(({ id }) => id);
  return set.checkpoints.map((checkpoint) => ({
    checkpoint: checkpoint.id,
    activations: checkpoint,
    ids,
    task: set.task,
    rows,
  }));
}
