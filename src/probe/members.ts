import { type ArchitectureName, architectureOf } from './architectures.ts';
import type { FittedProbe } from './estimator.ts';

/**
 * The members of an estimator that is an ensemble (`neural/ensemble.ts` lays out its tensors), each by itself; none of any
 * other.
 */
export function membersOf(architecture: ArchitectureName, fitted: FittedProbe): FittedProbe[] {
  const tensors = fitted.toTensors();
  const count = tensors.find(({ name }) => name === 'members')?.data[0] ?? 1;
  if (count < 2) return [];
  const { restore } = architectureOf(architecture);
  const one = { name: 'members', shape: [1], data: Float64Array.of(1) };
  return Array.from({ length: count }, (_, member) => {
    const prefix = `member${member}.`;
    const own = tensors
      .filter(({ name }) => name.startsWith(prefix))
      .map((tensor) => ({ ...tensor, name: `member0.${tensor.name.slice(prefix.length)}` }));
    return restore(new Map([one, ...own].map((tensor) => [tensor.name, tensor])));
  });
}
