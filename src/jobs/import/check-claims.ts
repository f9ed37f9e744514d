import type { LogClaim, OutcomeRecord } from '../../outcomes/index.ts';

type Cell = { sum: number; items: number };

/** As exact as sums of doubles in another order are. */
const tolerance = 1e-9;

/** Holds what a harness wrote of its tasks against what its rows give. */
export type ClaimCheck = {
  /** Counts a record of an item. */
  add(record: OutcomeRecord): void;
  claim(claim: LogClaim): void;
  /** One sentence for each claim that the rows do not bear out. */
  disagreements(): string[];
};

export function createClaimCheck(): ClaimCheck {
  const cells = new Map<string, Cell>();
  const claims: LogClaim[] = [];
  return {
    add(record) {
      if (record.item === null || record.k === null || record.n === null) return;
      const key = cellOf(record);
      const cell = cells.get(key) ?? { sum: 0, items: 0 };
      cells.set(key, cell);
      cell.sum += record.kind === 'count' ? record.k / record.n : record.k;
      cell.items += 1;
    },
    claim(claim) {
      claims.push(claim);
    },
    disagreements() {
      return claims.flatMap((claim) => {
        const cell = cells.get(cellOf(claim));
        if (cell === undefined) return [];
        const accuracy = cell.sum / cell.items;
        if (Math.abs(accuracy - claim.accuracy) <= tolerance) return [];
        return [
          `task \`${claim.task}\`${claim.filter === null ? '' : ` (${claim.filter})`}: the harness wrote ${claim.accuracy}, the mean over its ${cell.items} questions is ${accuracy}: the rows are kept as they are`,
        ];
      });
    },
  };
}

function cellOf({
  task,
  checkpoint,
  filter,
}: Pick<LogClaim, 'task' | 'checkpoint' | 'filter'>): string {
  return `${task}\n${checkpoint}\n${filter ?? ''}`;
}
