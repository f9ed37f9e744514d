/** Where JSON values end, without parsing them. */

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

export type ScanState = {
  readonly kind: 'text' | 'scalar' | 'container';
  /** Open brackets. */
  depth: number;
  inText: boolean;
  /** The next byte of a text is escaped. */
  escaped: boolean;
};

/** The state in front of a value that begins with this byte. */
export function scanOf(first: number): ScanState {
  const isContainer = first === openArray || first === openObject;
  const kind = first === quote ? 'text' : isContainer ? 'container' : 'scalar';
  return { kind, depth: 0, inText: false, escaped: false };
}

export function isValueStart(first: number): boolean {
  return first !== comma && first !== closeArray && first !== closeObject;
}

/** The offset behind the value; null where it goes on in the next chunk. */
export function endOfValue(chunk: Buffer, from: number, state: ScanState): number | null {
  if (state.kind === 'scalar') return scanScalar(chunk, from);
  const { length } = chunk;
  let at = from;
  // Where the next backslash is: looked for again only once it lies behind.
  let slash = -1;
  while (at < length) {
    if (!state.inText) {
      const byte = chunk[at] ?? 0;
      at += 1;
      if (byte === quote) state.inText = true;
      else if (byte === openArray || byte === openObject) state.depth += 1;
      else if (byte === closeArray || byte === closeObject) state.depth -= 1;
      if (state.depth === 0 && !state.inText) return at;
      continue;
    }
    if (state.escaped) {
      state.escaped = false;
      at += 1;
      continue;
    }
    if (slash < at) {
      const found = chunk.indexOf(backslash, at);
      slash = found === -1 ? length : found;
    }
    const end = chunk.indexOf(quote, at);
    if (slash < (end === -1 ? length : end)) {
      state.escaped = true;
      at = slash + 1;
    } else if (end === -1) {
      return null;
    } else {
      state.inText = false;
      at = end + 1;
      if (state.depth === 0) return at;
    }
  }
  return null;
}

function scanScalar(chunk: Buffer, from: number): number | null {
  for (let at = from; at < chunk.length; at += 1) {
    const byte = chunk[at] ?? 0;
    if (byte === comma || byte === closeArray || byte === closeObject || isBlank(byte)) return at;
  }
  return null;
}

export function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
