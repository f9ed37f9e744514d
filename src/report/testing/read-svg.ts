import { SaxesParser } from 'saxes';

/** What a strict XML parser reads in a document; it throws where the document is not well formed. */
export type ReadSvg = {
  /** Names of the elements, each once, in alphabetical order. */
  readonly names: readonly string[];
  /** The text of the elements that have some, in order. */
  readonly texts: readonly string[];
  /** Place and size of each `svg` element: the file's own first, then its panels. */
  readonly boxes: readonly (readonly [x: number, y: number, width: number, height: number])[];
};

/** Reads one SVG file strictly. */
export function readSvg(text: string): ReadSvg {
  const names = new Set<string>();
  const texts: string[] = [];
  const boxes: [number, number, number, number][] = [];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, uri, attributes }) => {
    names.add(uri === 'http://www.w3.org/2000/svg' ? name : `${uri}:${name}`);
    if (name !== 'svg') return;
    const read = (key: string): number => Number(attributes[key]?.value ?? 0);
    boxes.push([read('x'), read('y'), read('width'), read('height')]);
  });
  parser.on('text', (found) => {
    if (found.trim() !== '') texts.push(found);
  });
  parser.write(text).close();
  return { names: [...names].toSorted(), texts, boxes };
}
