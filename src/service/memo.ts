/** Values by key, each with the version that it is of; the ones that were not asked for longest go first. */
export type Memo<T> = {
  /** The value of this version: kept, being made by another caller, or made now. */
  get(key: string, version: string, make: () => Promise<T>): Promise<T>;
};

export type MemoOptions<T> = {
  readonly sizeOf: (value: T) => number;
  /** What all kept values may be together, in the unit of `sizeOf`. The one that was made last is always kept. */
  readonly most: number;
};

type Entry<T> = { readonly version: string; readonly value: T; readonly size: number };

export function createMemo<T>({ sizeOf, most }: MemoOptions<T>): Memo<T> {
  const kept = new Map<string, Entry<T>>();
  const making = new Map<string, Promise<T>>();
  let total = 0;
  const drop = (key: string): void => {
    total -= kept.get(key)?.size ?? 0;
    kept.delete(key);
  };
  const keep = (key: string, entry: Entry<T>): void => {
    drop(key);
    for (const oldest of kept.keys()) {
      if (total + entry.size <= most) break;
      drop(oldest);
    }
    kept.set(key, entry);
    total += entry.size;
  };
  return {
    async get(key, version, make) {
      const entry = kept.get(key);
      if (entry?.version === version) {
        // The order of the map is that of the last questions.
        kept.delete(key);
        kept.set(key, entry);
        return entry.value;
      }
      const name = `${version} ${key}`;
      const running = making.get(name);
      if (running !== undefined) return await running;
      const promise = make().finally(() => making.delete(name));
      making.set(name, promise);
      const value = await promise;
      keep(key, { version, value, size: sizeOf(value) });
      return value;
    },
  };
}
