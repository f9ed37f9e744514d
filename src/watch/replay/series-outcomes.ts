import { readFile } from 'node:fs/promises';
import { UserError } from '../../error/index.ts';

/** Outcomes of one checkpoint, as a file of records of its own. */
export type CheckpointOutcomes = {
  readonly checkpoint: string;
  readonly step: number;
  /** Training FLOPs. */
  readonly flops: number;
  readonly csv: string;
};

/**
 * Splits a file of outcome records by checkpoint, in the order of their steps. For records of our own: no field is quoted.
 *
 * @throws UserError where a column is missing.
 */
export async function splitOutcomes(path: string): Promise<CheckpointOutcomes[]> {
  const [header = '', ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const columns = header.split(',');
  const [checkpointAt, stepAt, flopsAt] = ['checkpoint', 'step', 'flops'].map((name) => {
    const place = columns.indexOf(name);
    if (place >= 0) return place;
    throw new UserError(`replay: expected a column \`${name}\` in ${path}, got ${header}`);
  });
  const groups = new Map<string, string[]>();
  for (const line of lines) {
    const checkpoint = line.split(',')[checkpointAt ?? 0] ?? '';
    const own = groups.get(checkpoint);
    if (own === undefined) groups.set(checkpoint, [line]);
    else own.push(line);
  }
  return [...groups]
    .map(([checkpoint, own]) => {
      const first = own[0]?.split(',') ?? [];
      const [step, flops] = [Number(first[stepAt ?? 0]), Number(first[flopsAt ?? 0])];
      return { checkpoint, step, flops, csv: `${[header, ...own].join('\n')}\n` };
    })
    .sort((a, b) => a.step - b.step);
}
