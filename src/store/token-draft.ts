import { openTensorDraft, type TensorDraft } from './tensor-draft.ts';
import { tokenMetadata, type TokenLayout, tokenOffsets, tokenTensors } from './token-layout.ts';

/** A file of token states on its way. */
export type TokenDraft = Omit<TensorDraft, 'write'> & {
  /**
   * Keeps one batch: `rows` are item numbers of the layout, `values` (their kept tokens, layers, hidden) row after row.
   * On return the data are with the operating system: a kill of this process does not lose them.
   *
   * @throws UserError where a process of another host took the draft over.
   */
  readonly write: (batch: number, rows: Int32Array, values: Float32Array) => void;
};

/** Opens the draft of the token file `path`; see `openTensorDraft`. Where each item's tokens stand is known beforehand. */
export async function openTokenDraft(
  path: string,
  layout: TokenLayout,
  planHash: string,
): Promise<TokenDraft> {
  const offsets = tokenOffsets(layout.lengths);
  const content = {
    tensors: tokenTensors(layout),
    metadata: tokenMetadata(layout),
    known: { offsets: int64Bytes(offsets) },
  };
  const draft = await openTensorDraft(path, content, planHash);
  return {
    ...draft,
    write: (batch, rows, values) => {
      draft.write(batch, tokenRows(rows, layout.lengths, offsets), { tokens: values });
    },
  };
}

function int64Bytes(values: Float64Array): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, i) => {
    bytes.setBigInt64(8 * i, BigInt(value), true);
  });
  return new Uint8Array(bytes.buffer);
}

/** Rows of `tokens` that belong to the items, in order. */
function tokenRows(items: Int32Array, lengths: Int32Array, offsets: Float64Array): Float64Array {
  const rows = new Float64Array(items.reduce((sum, item) => sum + (lengths[item] ?? 0), 0));
  let at = 0;
  for (const item of items) {
    const first = offsets[item] ?? 0;
    for (let token = 0; token < (lengths[item] ?? 0); token += 1) {
      rows[at] = first + token;
      at += 1;
    }
  }
  return rows;
}
