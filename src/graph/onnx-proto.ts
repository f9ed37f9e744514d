import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import path from 'node:path';
import { type Dtype, type ExternalTensor, ONNX_TYPE, type Tensor } from './tensor.ts';

/**
 * The part of onnx.proto that graphs need, written field by field.
 * Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (ir version 11).
 */
const IR_VERSION = 11;
const OPSET = 23;

export type Attribute =
  | { readonly kind: 'int' | 'float'; readonly value: number }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'string'; readonly value: string };

export type Node = {
  readonly type: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
};

/** A graph's input or output; a name in `shape` stands for a size that is known at run time. */
export type Port = {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly (number | string)[];
};

export type Initialiser = { readonly name: string; readonly dtype: Dtype } & (
  | { readonly inline: Tensor }
  | { readonly external: ExternalTensor }
  | { readonly given: Pick<Tensor, 'shape'> }
);

export type GraphParts = {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly initialisers: readonly Initialiser[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
};

type Write = (writer: BinaryWriter) => void;

function message(writer: BinaryWriter, field: number, write: Write): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write(writer);
  writer.join();
}

const text = (writer: BinaryWriter, field: number, value: string): BinaryWriter =>
  writer.tag(field, WireType.LengthDelimited).string(value);

const whole = (writer: BinaryWriter, field: number, value: number): BinaryWriter =>
  writer.tag(field, WireType.Varint).int64(value);

function writeAttribute(writer: BinaryWriter, name: string, attribute: Attribute): void {
  text(writer, 1, name);
  switch (attribute.kind) {
    case 'float':
      writer.tag(2, WireType.Bit32).float(attribute.value);
      whole(writer, 20, 1);
      break;
    case 'int':
      whole(writer, 3, attribute.value);
      whole(writer, 20, 2);
      break;
    case 'string':
      text(writer, 4, attribute.value);
      whole(writer, 20, 3);
      break;
    case 'ints':
      for (const value of attribute.value) whole(writer, 8, value);
      whole(writer, 20, 7);
      break;
  }
}

function writeNode(writer: BinaryWriter, node: Node): void {
  for (const input of node.inputs) text(writer, 1, input);
  for (const output of node.outputs) text(writer, 2, output);
  text(writer, 3, `${node.type}:${node.outputs.find((name) => name !== '') ?? ''}`);
  text(writer, 4, node.type);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    message(writer, 5, (inner) => writeAttribute(inner, name, attribute));
  }
  if (node.domain !== '') text(writer, 7, node.domain);
}

/** The location is relative to the root folder, so that files of any folder (a cache's `blobs/`) can be named. */
function externalLocation(file: string): string {
  return file.slice(path.parse(file).root.length).split(path.sep).join('/');
}

/** Where a tensor that comes with the session is looked for: no file has that name. */
export function givenLocation(name: string): string {
  return `given tensors/${name}`;
}

function writeExternal(writer: BinaryWriter, entries: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(entries)) {
    message(writer, 13, (entry) => text(text(entry, 1, key), 2, value));
  }
  whole(writer, 14, 1);
}

function writeInitialiser(writer: BinaryWriter, initialiser: Initialiser): void {
  for (const size of shapeOf(initialiser)) whole(writer, 1, size);
  whole(writer, 2, ONNX_TYPE[initialiser.dtype]);
  text(writer, 8, initialiser.name);
  if ('inline' in initialiser) {
    const { buffer, byteOffset, byteLength } = initialiser.inline.data;
    writer.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(buffer, byteOffset, byteLength));
  } else if ('given' in initialiser) {
    writeExternal(writer, { location: givenLocation(initialiser.name) });
  } else {
    const { file, offset, byteLength } = initialiser.external;
    writeExternal(writer, {
      location: externalLocation(file),
      offset: String(offset),
      length: String(byteLength),
    });
  }
}

function shapeOf(initialiser: Initialiser): readonly number[] {
  if ('inline' in initialiser) return initialiser.inline.shape;
  return 'given' in initialiser ? initialiser.given.shape : initialiser.external.shape;
}

function writePort(writer: BinaryWriter, port: Port): void {
  text(writer, 1, port.name);
  message(writer, 2, (type) =>
    message(type, 1, (tensor) => {
      whole(tensor, 1, ONNX_TYPE[port.dtype]);
      message(tensor, 2, (shape) => {
        for (const size of port.shape) {
          message(shape, 1, (dim) =>
            typeof size === 'number' ? whole(dim, 1, size) : text(dim, 2, size),
          );
        }
      });
    }),
  );
}

function writeGraph(writer: BinaryWriter, graph: GraphParts): void {
  for (const node of graph.nodes) message(writer, 1, (inner) => writeNode(inner, node));
  text(writer, 2, graph.name);
  for (const each of graph.initialisers)
    message(writer, 5, (inner) => writeInitialiser(inner, each));
  for (const port of graph.inputs) message(writer, 11, (inner) => writePort(inner, port));
  for (const port of graph.outputs) message(writer, 12, (inner) => writePort(inner, port));
}

/** Serialised `ModelProto`: little-endian, at most 2 GiB inline (a protobuf limit), external data apart. */
export function encodeModel(graph: GraphParts): Uint8Array {
  const writer = new BinaryWriter();
  whole(writer, 1, IR_VERSION);
  text(writer, 2, 'sonde');
  message(writer, 7, (inner) => writeGraph(inner, graph));
  for (const [domain, version] of Object.entries({ '': OPSET, 'com.microsoft': 1 })) {
    message(writer, 8, (inner) => whole(text(inner, 1, domain), 2, version));
  }
  return writer.finish();
}
