import { DTYPES, isDtype, type SafetensorsDtype, tensorBytes } from './dtype.ts';
import { findDuplicateKey } from './duplicate-keys.ts';
import { quoteValue, refuse, TruncatedFileError } from './refusal.ts';

export type TensorInfo = {
  name: string;
  dtype: SafetensorsDtype;
  shape: readonly number[];
  /** Absolute, symbolic links resolved. */
  file: string;
  /** Absolute byte offset in the file. */
  offset: number;
  byteLength: number;
};

export type ParsedHeader = {
  tensors: ReadonlyMap<string, TensorInfo>;
  metadata: Readonly<Record<string, string>>;
};

/** Dimensions of one tensor. Models have four at most; the bound keeps a hostile header's lists small. */
const MAX_DIMENSIONS = 64;

/**
 * Parses and validates the JSON header of a safetensors file of `size` bytes whose data start at `dataStart`.
 *
 * The format (github.com/huggingface/safetensors, `Metadata::validate`): every tensor lies inside the data, dtype ×
 * shape is its byte length, and in the order of their offsets the tensors cover the data without overlap or hole.
 *
 * @throws UserError naming file, tensor, expected and found.
 */
export function parseHeader(
  text: string,
  file: string,
  dataStart: number,
  size: number,
): ParsedHeader {
  const header = parseJson(text, file);
  const metadata = parseMetadata(header['__metadata__'], file);
  const tensors = new Map<string, TensorInfo>();
  for (const [name, entry] of Object.entries(header)) {
    if (name !== '__metadata__') tensors.set(name, parseTensor({ name, entry, file, dataStart }));
  }
  checkCoverage([...tensors.values()], file, dataStart, size);
  return { tensors, metadata };
}

function parseJson(text: string, file: string): Record<string, unknown> {
  if (!text.startsWith('{')) {
    throw refuse({
      file,
      expected: 'a header that starts with `{`',
      found: quoteValue(text.slice(0, 8)),
    });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 80) : '';
    throw refuse({ file, expected: 'a header in JSON', found: quoteValue(reason) });
  }
  if (!isRecord(parsed))
    throw refuse({ file, expected: 'a JSON object as header', found: 'another value' });
  const duplicate = findDuplicateKey(text);
  if (duplicate !== null) {
    throw refuse({
      file,
      expected: 'every key of the header once',
      found: `${quoteValue(duplicate)} twice`,
      tensor: duplicate,
    });
  }
  return parsed;
}

function parseMetadata(value: unknown, file: string): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value)) {
    throw refuse({
      file,
      expected: '`__metadata__` to be an object of strings',
      found: quoteValue(value),
    });
  }
  const entries = Object.entries(value).map(([key, text]): [string, string] => {
    if (typeof text === 'string') return [key, text];
    const expected = `\`__metadata__\` to hold strings only`;
    throw refuse({ file, expected, found: `${quoteValue(text)} under ${quoteValue(key)}` });
  });
  return Object.fromEntries(entries);
}

type TensorEntry = { name: string; entry: unknown; file: string; dataStart: number };

function parseTensor({ name, entry, file, dataStart }: TensorEntry): TensorInfo {
  const tensor = name;
  if (!isRecord(entry)) {
    const expected = 'an object with `dtype`, `shape` and `data_offsets`';
    throw refuse({ file, tensor, expected, found: quoteValue(entry) });
  }
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isDtype(dtype)) {
    throw refuse({
      file,
      tensor,
      expected: `\`dtype\` to be one of ${DTYPES.join(', ')}`,
      found: quoteValue(dtype),
    });
  }
  if (!isCountList(shape) || shape.length > MAX_DIMENSIONS) {
    const expected = `\`shape\` to be at most ${MAX_DIMENSIONS} whole numbers from 0 to 2^53 - 1`;
    throw refuse({ file, tensor, expected, found: quoteValue(shape) });
  }
  if (!isCountList(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    const expected = '`data_offsets` to be [begin, end], whole numbers with 0 ≤ begin ≤ end';
    throw refuse({ file, tensor, expected, found: quoteValue(offsets) });
  }
  const [begin, end] = offsets as [number, number];
  const bytes = tensorBytes(dtype, shape);
  if (bytes === null || bytes !== end - begin) {
    const product = `${dtype} × ${quoteValue(shape)}`;
    const expected =
      bytes === null ? `${product} to be a whole number of bytes` : `${bytes} bytes (${product})`;
    throw refuse({
      file,
      tensor,
      expected,
      found: `${end - begin} (\`data_offsets\` ${quoteValue(offsets)})`,
    });
  }
  return { name, dtype, shape, file, offset: dataStart + begin, byteLength: bytes };
}

/** In the order of their offsets each tensor begins where the one before ended, and the last ends with the file. */
function checkCoverage(tensors: TensorInfo[], file: string, dataStart: number, size: number): void {
  tensors.sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength);
  let end = dataStart;
  for (const { name: tensor, offset, byteLength } of tensors) {
    if (offset !== end) {
      const what = offset < end ? 'an overlap with the tensor before it' : 'a hole in front of it';
      const expected = `the data to begin at ${end - dataStart}, where the tensor before it ends`;
      throw refuse({ file, tensor, expected, found: `${offset - dataStart}: ${what}` });
    }
    end = offset + byteLength;
  }
  if (!Number.isSafeInteger(end)) {
    throw refuse({
      file,
      expected: 'a file below 2^53 bytes',
      found: 'a header that announces more',
    });
  }
  if (end > size) throw new TruncatedFileError(file, end, size);
  if (end < size) {
    throw refuse({ file, expected: `${end} bytes, as its header announces`, found: `${size}` });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCountList(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.every((n) => Number.isSafeInteger(n) && n >= 0 && !Object.is(n, -0))
  );
}
