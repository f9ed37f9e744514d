// Shapes and prompts of benches that look at products, not at plans: full batches without padding.
import { OLMO3_7B, writeLargeOlmo3, writeQwen3Small } from './large-shape.mjs';
import { writeRandomSmolLm2 } from './smollm2-shape.mjs';

/** By name; of the large one two layers. */
export const writers = {
  smollm2: writeRandomSmolLm2,
  qwen3: writeQwen3Small,
  olmo3: (folder) => writeLargeOlmo3(folder, { ...OLMO3_7B, layers: 2 }),
};

export function fullPrompts(count, length) {
  return Array.from({ length: count }, (_, i) => ({
    id: `${i}`,
    ids: Int32Array.from({ length }, (_each, j) => 10 + ((j * 37 + i * 101) % 4000)),
  }));
}
