// `npm run bench`: speed against Hugging Face transformers. Without Python and transformers only our side is measured.
//
//   npm run bench -- [--only extract,generate,cost] [--python python3] [--threads 2] [--rounds 3]
//     extract: [--shape smollm2|qwen3|olmo3] [--checkpoint DIR] [--prompts 96] [--compile]
//     generate: [--checkpoint DIR]
//     cost:    [--smollm2 DIR] [--prompts 96] [--dtype float32] [--sizes tiny,smollm2] [--work DIR]
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { benchCost } from './cost.mjs';
import { benchExtract } from './extract.mjs';
import { benchGenerate } from './generate.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'extract,generate,cost' },
    python: { type: 'string', default: 'python3' },
    threads: { type: 'string', default: `${Math.max(1, cpus().length)}` },
    rounds: { type: 'string', default: '3' },
    prompts: { type: 'string', default: '96' },
    checkpoint: { type: 'string' },
    shape: { type: 'string', default: 'smollm2' },
    smollm2: { type: 'string' },
    sizes: { type: 'string', default: 'tiny,smollm2' },
    dtype: { type: 'string', default: 'float32' },
    work: { type: 'string' },
    compile: { type: 'boolean', default: false },
  },
});
/** Folders are meant from where the user stands: npm starts us in the workspace. */
const folder = (path) =>
  path === undefined ? null : resolve(process.env.INIT_CWD ?? process.cwd(), path);
const options = {
  ...values,
  threads: Number(values.threads),
  rounds: Number(values.rounds),
  prompts: Number(values.prompts),
  sizes: values.sizes.split(','),
  checkpoint: folder(values.checkpoint),
  smollm2: folder(values.smollm2),
  work: folder(values.work),
};
const benches = { extract: benchExtract, generate: benchGenerate, cost: benchCost };
const chosen = values.only.split(',').map((name) => {
  if (Object.hasOwn(benches, name)) return benches[name];
  throw new Error(`--only: expected ${Object.keys(benches).join(', ')}, got \`${name}\``);
});
for (const bench of chosen) await bench(options);
