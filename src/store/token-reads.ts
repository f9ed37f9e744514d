/** Tokens of one row inside a read. */
type Piece = {
  /** Place of the row among those asked for. */
  readonly row: number;
  /** Position in the row of its first token here. */
  readonly position: number;
  /** That token in the file. */
  readonly token: number;
  readonly count: number;
};

/** Tokens of the file that are read at once, and what they are for. */
export type TokenRead = {
  readonly first: number;
  readonly count: number;
  readonly pieces: readonly Piece[];
};

/** Most bytes of a read, unless a single token has more. */
const readBytes = 4 * 1024 * 1024;
/** Up to this many bytes that nobody asked for are read along, where that saves a read. */
const gapBytes = 64 * 1024;

/**
 * Reads that cover the tokens of `rows` (item numbers, in any order): neighbours together, long rows in parts.
 * `offsets` (items + 1) are the first tokens of the items; `tokenBytes` is the size of a token.
 */
export function planReads(
  rows: Int32Array,
  { offsets, tokenBytes }: { readonly offsets: Float64Array; readonly tokenBytes: number },
): TokenRead[] {
  const most = Math.max(1, Math.floor(readBytes / Math.max(1, tokenBytes)));
  const gap = Math.floor(gapBytes / Math.max(1, tokenBytes));
  const reads: { first: number; count: number; pieces: Piece[] }[] = [];
  for (const piece of piecesInOrder(rows, offsets, most)) {
    const last = reads.at(-1);
    const end = piece.token + piece.count;
    if (
      last !== undefined &&
      piece.token <= last.first + last.count + gap &&
      end - last.first <= most
    ) {
      last.count = Math.max(last.count, end - last.first);
      last.pieces.push(piece);
    } else reads.push({ first: piece.token, count: piece.count, pieces: [piece] });
  }
  return reads;
}

/** Rows in the order of the file, cut into pieces of at most `most` tokens. */
function piecesInOrder(rows: Int32Array, offsets: Float64Array, most: number): Piece[] {
  const pieces: Piece[] = [];
  for (const [row, item] of rows.entries()) {
    const [first = 0, end = 0] = offsets.subarray(item, item + 2);
    for (let token = first; token < end; token += most) {
      pieces.push({ row, position: token - first, token, count: Math.min(most, end - token) });
    }
  }
  return pieces.sort((a, b) => a.token - b.token || a.row - b.row);
}
