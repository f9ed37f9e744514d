import { UserError } from '../../error/index.ts';
import type { FittedProbe, NamedTensor, Probe } from '../estimator.ts';
import type { TrainingOptions } from './training-options.ts';

/** An ensemble's options: those of its members, and how many. */
export type EnsembleOptions<Options> = Options & {
  /** Members, which differ in their seed alone: `seed`, `seed` + 1, … @default 3 */
  readonly members?: number;
};

/** Networks of one architecture from several seeds; predictions are the means of their probabilities. */
export function ensemble<Options extends TrainingOptions>(
  member: Probe<Options>,
): Probe<EnsembleOptions<Options>> {
  const name = `ensemble-${member.name}`;
  return {
    name,
    async fit(data, { members = 3, ...options }, kernel) {
      if (!Number.isInteger(members) || members < 1) {
        throw new UserError(`probe: expected 1 or more members of an ensemble, got ${members}`);
      }
      const fits: FittedProbe[] = [];
      for (let i = 0; i < members; i += 1) {
        const seed = (options.seed ?? 0) + i;
        fits.push(await member.fit(data, { ...options, seed } as unknown as Options, kernel));
      }
      return together(name, fits);
    },
    restore(tensors) {
      const count = tensors.get('members')?.data[0] ?? 0;
      if (count < 1) {
        throw new UserError(
          `probe: expected tensor \`members\` of a \`${name}\` probe; fit it again`,
        );
      }
      return together(
        name,
        Array.from({ length: count }, (_, i) => member.restore(tensorsOfMember(tensors, i))),
      );
    },
  };
}

function together(name: string, fits: readonly FittedProbe[]): FittedProbe {
  const [first] = fits;
  if (first === undefined) throw new Error('ensemble: no members');
  const failed = fits.find(({ converged }) => !converged);
  return {
    estimator: name,
    width: first.width,
    tasks: first.tasks,
    converged: failed === undefined,
    iterations: fits.reduce((sum, { iterations }) => sum + iterations, 0),
    stopReason: (failed ?? first).stopReason,
    objective: fits.reduce((sum, { objective }) => sum + objective, 0) / fits.length,
    async predict(rows, kernel) {
      const mean = new Float64Array(rows.rows);
      for (const fit of fits) {
        const p = await fit.predict(rows, kernel);
        for (let i = 0; i < mean.length; i += 1) mean[i]! += p[i]! / fits.length;
      }
      return mean;
    },
    toTensors: () => [
      { name: 'members', shape: [1], data: Float64Array.of(fits.length) },
      ...fits.flatMap((fit, i) =>
        fit.toTensors().map((tensor) => ({ ...tensor, name: `member${i}.${tensor.name}` })),
      ),
    ],
  };
}

function tensorsOfMember(
  tensors: ReadonlyMap<string, NamedTensor>,
  member: number,
): ReadonlyMap<string, NamedTensor> {
  const prefix = `member${member}.`;
  return new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => {
        const own = name.slice(prefix.length);
        return [own, { ...tensor, name: own }];
      }),
  );
}
