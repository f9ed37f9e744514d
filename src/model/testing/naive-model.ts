import type {
  Activation,
  AttentionSpec,
  DenseMlp,
  LayerSpec,
  LinearGroup,
  LinearSpec,
  MlpSpec,
  ModelSpec,
  NormSpec,
} from '../model-spec.ts';
import type { RopeSpec } from '../rope.ts';

export type Weights = ReadonlyMap<string, Float32Array>;

type Row = readonly number[];

/**
 * One prompt through the model in plain float64 loops, a second reading of what a spec means. `states[l][t]` is the state
 * of token t at layer l, the last layer after the final norm; `logits[t]` are those after token t.
 */
export function runNaively(
  spec: ModelSpec,
  weights: Weights,
  ids: readonly number[],
): { states: Row[][]; logits: Row[] } {
  const model = new NaiveModel(spec, weights);
  let states = ids.map((id, position) => model.embed(id, position));
  const all = [states];
  for (const layer of spec.layers) {
    states = model.layer(layer, states);
    all.push(states);
  }
  const normed = states.map((row) => model.norm(row, spec.finalNorm));
  all[all.length - 1] = normed;
  const logits = normed.map((row) =>
    model.linear(row, spec.head).map((logit) => capped(logit, spec.logitSoftcap)),
  );
  return { states: all, logits };
}

class NaiveModel {
  readonly #spec: ModelSpec;
  readonly #weights: Weights;

  constructor(spec: ModelSpec, weights: Weights) {
    this.#spec = spec;
    this.#weights = weights;
  }

  embed(id: number, position: number): Row {
    const { hidden, embedding } = this.#spec;
    const row = (name: string, index: number): Row =>
      Array.from(this.#tensor(name).subarray(index * hidden, (index + 1) * hidden));
    const token = row(embedding.table, id).map((value) => value * embedding.scale);
    if (embedding.positions === null) return token;
    return plus(token, row(embedding.positions.table, position));
  }

  layer(spec: LayerSpec, states: readonly Row[]): Row[] {
    const before = states.map((row) => this.norm(row, spec.attentionNorm));
    const attended = this.#attend(spec.attention, before);
    return states.map((row, i) => {
      const middle = plus(row, this.norm(attended[i]!, spec.attentionOutputNorm));
      const fed = this.#mlp(spec.mlp, this.norm(spec.parallel ? row : middle, spec.mlpNorm));
      return plus(middle, this.norm(fed, spec.mlpOutputNorm));
    });
  }

  norm(row: Row, spec: NormSpec | null): Row {
    if (spec === null) return row;
    const mean = spec.kind === 'layer' ? sum(row) / row.length : 0;
    const square = sum(row.map((value) => (value - mean) ** 2)) / row.length;
    const weight = spec.weight === null ? null : this.#tensor(spec.weight);
    const bias = spec.bias === null ? null : this.#tensor(spec.bias);
    return row.map(
      (value, i) =>
        ((value - mean) / Math.sqrt(square + spec.epsilon)) *
          (weight === null ? 1 : weight[i]! + spec.offset) +
        (bias?.[i] ?? 0),
    );
  }

  linear(x: Row, spec: LinearSpec): Row {
    const weight = this.#tensor(spec.weight);
    const bias = spec.bias === null ? null : this.#tensor(spec.bias);
    return Array.from({ length: spec.outputs }, (_, o) => {
      const at = (i: number): number =>
        spec.transposed ? i * spec.outputs + o : o * spec.inputs + i;
      return sum(x.map((value, i) => value * weight[at(i)]!)) + (bias?.[o] ?? 0);
    });
  }

  #group(x: Row, group: LinearGroup): Row[] {
    if ('apart' in group) return group.apart.map((spec) => this.linear(x, spec));
    const joined = this.linear(x, group.fused);
    const heads = group.perHead ?? 1;
    return group.widths.map((width, part) => {
      const before = sum(group.widths.slice(0, part)) / heads;
      return Array.from({ length: width }, (_, i) => {
        const share = width / heads;
        const head = Math.floor(i / share);
        return joined[head * (joined.length / heads) + before + (i % share)]!;
      });
    });
  }

  #attend(spec: AttentionSpec, rows: readonly Row[]): Row[] {
    const { headDim, heads, keyValueHeads } = spec;
    const projected = rows.map((row, position) => {
      const [query, key, value] = this.#group(row, spec.projections);
      return {
        query: this.#prepare(query!, { spec, norm: spec.queryNorm, position }),
        key: this.#prepare(key!, { spec, norm: spec.keyNorm, position }),
        value: chunks(
          value!.map((each) => clipped(each, spec.clip)),
          headDim,
        ),
      };
    });
    return projected.map(({ query }, i) => {
      const first = spec.window === null ? 0 : Math.max(0, i - spec.window + 1);
      const seen = projected.slice(first, i + 1);
      const attended = query.flatMap((head, h) => {
        const group = Math.floor(h / (heads / keyValueHeads));
        const scores = seen.map(({ key }) =>
          capped(spec.scale * dot(head, key[group]!), spec.softcap),
        );
        const largest = Math.max(...scores);
        const exps = scores.map((score) => Math.exp(score - largest));
        const total = sum(exps);
        return head.map((_, d) =>
          sum(exps.map((e, j) => (e / total) * seen[j]!.value[group]![d]!)),
        );
      });
      return this.linear(attended, spec.output);
    });
  }

  /** Heads of queries or keys, normed, clipped and rotated. */
  #prepare(
    row: Row,
    { spec, norm, position }: { spec: AttentionSpec; norm: NormSpec | null; position: number },
  ): Row[] {
    const whole = norm !== null && norm.size === row.length ? this.norm(row, norm) : row;
    const heads = chunks(whole, spec.headDim).map((head) =>
      norm !== null && norm.size === spec.headDim ? this.norm(head, norm) : head,
    );
    const rope = spec.rope === null ? null : this.#spec.ropes[spec.rope]!;
    return heads.map((head) =>
      rotated(
        head.map((value) => clipped(value, spec.clip)),
        rope,
        position,
      ),
    );
  }

  #mlp(spec: MlpSpec, x: Row): Row {
    if (spec.kind === 'dense') return this.#dense(spec, x);
    const exps = this.linear(x, spec.router).map(Math.exp);
    const shares = exps.map((e) => e / sum(exps));
    const chosen = shares
      .map((share, expert) => ({ share, expert }))
      .sort((a, b) => b.share - a.share)
      .slice(0, spec.chosen);
    const total = spec.normalised ? sum(chosen.map(({ share }) => share)) : 1;
    return chosen
      .map(({ share, expert }) =>
        this.#dense(spec.experts[expert]!, x).map((value) => (value * share) / total),
      )
      .reduce<Row>(plus, new Array<number>(x.length).fill(0));
  }

  #dense({ inner, activation, down }: DenseMlp, x: Row): Row {
    const [first, second] = this.#group(x, inner);
    const activated = first!.map((value, i) => activate(value, activation) * (second?.[i] ?? 1));
    return this.linear(activated, down);
  }

  #tensor(name: string): Float32Array {
    const found = this.#weights.get(name);
    if (found === undefined) throw new Error(`no tensor ${name}`);
    return found;
  }
}

function rotated(head: Row, rope: RopeSpec | null, position: number): Row {
  if (rope === null) return head;
  const half = rope.dim / 2;
  return head.map((value, i) => {
    if (i >= rope.dim) return value;
    const angle = position * rope.inverseFrequencies[i % half]!;
    const other = i < half ? -head[i + half]! : head[i - half]!;
    return rope.attentionFactor * (value * Math.cos(angle) + other * Math.sin(angle));
  });
}

function activate(x: number, activation: Activation): number {
  if (activation === 'silu') return x / (1 + Math.exp(-x));
  if (activation === 'relu') return Math.max(0, x);
  if (activation === 'gelu-tanh') {
    return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
  }
  return 0.5 * x * (1 + erf(x / Math.SQRT2));
}

/** The series around 0: enough for what tiny models reach. */
function erf(x: number): number {
  let [term, total] = [x, x];
  for (let n = 1; n < 60; n += 1) {
    term *= -(x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

const sum = (values: Row): number => values.reduce((total, value) => total + value, 0);
const plus = (a: Row, b: Row): Row => a.map((value, i) => value + b[i]!);
const dot = (a: Row, b: Row): number => sum(a.map((value, i) => value * b[i]!));
const capped = (x: number, cap: number | null): number =>
  cap === null ? x : cap * Math.tanh(x / cap);
const clipped = (x: number, limit: number | null): number =>
  limit === null ? x : Math.min(Math.max(x, -limit), limit);
const chunks = (row: Row, size: number): Row[] =>
  Array.from({ length: row.length / size }, (_, i) => row.slice(i * size, (i + 1) * size));
