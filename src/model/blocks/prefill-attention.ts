import type { AttributesOf, GraphBuilder, Value } from '../../graph/index.ts';
import type { AttentionSpec } from '../model-spec.ts';
import type { BlockContext } from './context.ts';
import { linear } from './linear.ts';
import { project, type Rotation } from './projections.ts';
import type { PrefixInputs } from './shared-rows.ts';

/** Shared by the layers of one prefill graph. */
export type PrefillInputs = {
  readonly rotation: Rotation;
  /** int32 (batch): index of each row's last token; what stands right of it is padding. */
  readonly lastIndex: Value;
  /** int32 []: sequence length. */
  readonly total: Value;
  /** Masks of `windowMask` that layers share, by window. */
  readonly masks: Map<number, Value>;
};

export type PrefillAttention = {
  /** (batch, sequence, hidden). */
  readonly output: Value;
  /** Rotated keys and values (batch, keyValueHeads, sequence, headDim): the cache. */
  readonly key: Value;
  readonly value: Value;
};

/** GroupQueryAttention on CPU: tiled, flat in memory, but only for head sizes that are a multiple of this. */
const GROUPED_HEAD_MULTIPLE = 8;

/**
 * Causal attention of whole prompts, or of what follows a prefix, padded on the right: rows of padding are finite and
 * mean nothing.
 */
export function prefillAttention(
  context: BlockContext,
  x: Value,
  {
    spec,
    inputs,
    prefix,
  }: {
    readonly spec: AttentionSpec;
    readonly inputs: PrefillInputs;
    /** What the rows stand behind; `lastIndex` and `total` count its tokens too. */
    readonly prefix?: PrefixInputs | undefined;
  },
): PrefillAttention {
  const { graph } = context;
  const projected = project(context, x, { spec, rotation: inputs.rotation });
  const operands = [projected.query, projected.key, projected.value] as const;
  if (spec.operator === 'standard' || spec.headDim % GROUPED_HEAD_MULTIPLE !== 0) {
    const attention =
      prefix === undefined
        ? plainAttention(graph, operands, { spec, inputs })
        : plainBehind(graph, operands, { spec, prefix });
    return withOutput(context, spec, attention);
  }
  const past = prefix === undefined ? [null, null] : [prefix.past.key, prefix.past.value];
  const bias = prefix === undefined ? [] : [null, null, null, prefix.rows.bias(spec.window)];
  const [attended, key, value] = graph.ops(
    'GroupQueryAttention',
    [...operands, ...past, inputs.lastIndex, inputs.total, ...bias],
    {
      outputs: 3,
      attributes: {
        num_heads: spec.heads,
        kv_num_heads: spec.keyValueHeads,
        scale: spec.scale,
        local_window_size: prefix === undefined ? (spec.window ?? -1) : -1,
        ...(spec.softcap === null ? {} : { softcap: spec.softcap }),
      },
    },
  );
  return withOutput(context, spec, { output: attended!, key: key!, value: value! });
}

/** The standard operator: any head size, scores of the whole sequence in memory, windows as a mask. */
function plainAttention(
  graph: GraphBuilder,
  operands: readonly [Value, Value, Value],
  { spec, inputs }: { readonly spec: AttentionSpec; readonly inputs: PrefillInputs },
): PrefillAttention {
  const mask = spec.window === null ? null : windowMask(graph, inputs, spec.window);
  const output = graph.op(
    'Attention',
    mask === null ? operands : [...operands, mask],
    standardAttributes(spec),
  );
  const cached = (x: Value): Value => {
    const apart = graph.op('Reshape', [x, graph.ints(0, 0, spec.keyValueHeads, spec.headDim)]);
    return graph.op('Transpose', [apart], { perm: [0, 2, 1, 3] });
  };
  return { output, key: cached(operands[1]), value: cached(operands[2]) };
}

/** The standard operator behind a prefix. */
function plainBehind(
  graph: GraphBuilder,
  operands: readonly [Value, Value, Value],
  { spec, prefix }: { readonly spec: AttentionSpec; readonly prefix: PrefixInputs },
): PrefillAttention {
  const { rows, past } = prefix;
  const [output, key, value] = graph.ops(
    'Attention',
    [...operands, rows.visible(spec.window), past.key, past.value],
    { outputs: 3, attributes: standardAttributes(spec) },
  );
  return { output: output!, key: key!, value: value! };
}

function standardAttributes(spec: AttentionSpec): AttributesOf<'Attention'> {
  return {
    is_causal: 1,
    q_num_heads: spec.heads,
    kv_num_heads: spec.keyValueHeads,
    scale: spec.scale,
    ...(spec.softcap === null ? {} : { softcap: spec.softcap }),
  };
}

/** bool (sequence, sequence): true where key j > query i − window, so that a query sees `window` keys with its own. */
function windowMask(graph: GraphBuilder, inputs: PrefillInputs, window: number): Value {
  const known = inputs.masks.get(window);
  if (known !== undefined) return known;
  const zero = graph.constant({ dtype: 'int32', shape: [], data: Int32Array.of(0) });
  const one = graph.constant({ dtype: 'int32', shape: [], data: Int32Array.of(1) });
  const width = graph.constant({ dtype: 'int32', shape: [], data: Int32Array.of(window) });
  const index = graph.op('Range', [zero, inputs.total, one]);
  const queries = graph.op('Unsqueeze', [graph.op('Sub', [index, width]), graph.ints(1)]);
  const mask = graph.op('Greater', [graph.op('Unsqueeze', [index, graph.ints(0)]), queries]);
  inputs.masks.set(window, mask);
  return mask;
}

function withOutput(
  context: BlockContext,
  spec: AttentionSpec,
  attention: PrefillAttention,
): PrefillAttention {
  return { ...attention, output: linear(context, attention.output, spec.output) };
}
