import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../config/index.ts';
import type { LogCheckpoint, LogModel } from '../../outcomes/index.ts';
import { createCheckpointNaming } from './name-checkpoint.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-naming-'));
  writeFileSync(
    join(folder, 'sonde.yaml'),
    'logs: { latest: my/step9, "evals/tuesday": my/step7 }\ncheckpoints: { my/step9: { tokens: 5000 } }\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const unknown = { run: null, stage: null, step: null, tokens: null, flops: null };

async function nameAll(
  models: readonly LogModel[],
  { given = null, path = 'log.json' }: { given?: string | null; path?: string } = {},
): Promise<{ checkpoints: LogCheckpoint[]; notices: string[]; stated: number }> {
  const resolve = (name: string): string => join(folder, name);
  const config = await loadConfig(folder);
  const notices: string[] = [];
  const naming = createCheckpointNaming({ config, context: { resolve }, given });
  let stated = 0;
  const namer = naming(join(folder, path), {
    onNotice: (notice) => notices.push(notice),
    onStated: () => (stated += 1),
  });
  const checkpoints: LogCheckpoint[] = [];
  for (const model of models) checkpoints.push(await namer(model));
  return { checkpoints, notices, stated };
}

describe('the checkpoint of a log', () => {
  it('is what sonde.yaml says of the log’s file, or of its model', async () => {
    const latest = { name: 'latest', revision: null };
    expect(await nameAll([latest])).toEqual({
      checkpoints: [{ ...unknown, checkpoint: 'my/step9', run: 'my', step: 9, tokens: 5000 }],
      notices: [],
      stated: 1,
    });
    expect(await nameAll([latest], { path: 'evals/tuesday/a/results.json' })).toEqual({
      checkpoints: [{ ...unknown, checkpoint: 'my/step7', run: 'my', step: 7 }],
      notices: [],
      stated: 1,
    });
  });

  it('is the model’s name where nothing tells, and says how to tell', async () => {
    expect(await nameAll([{ name: 'org/model', revision: null }])).toEqual({
      checkpoints: [{ ...unknown, checkpoint: 'org/model' }],
      notices: [
        'the log does not say which state of `org/model` it is about: pass --checkpoint RUN/STEP, or name it under `logs` in sonde.yaml (step stays unknown)',
      ],
      stated: 0,
    });
  });

  it('is --checkpoint, of one model alone and not against what the log says', async () => {
    const given = 'my/step3';
    const model = { name: 'org/model', revision: null };
    const named = await nameAll([model, model], { given });
    expect(named.stated).toBe(2);
    expect(named.checkpoints[1]).toEqual({
      ...unknown,
      checkpoint: given,
      run: 'my',
      step: 3,
    });
    await expect(
      nameAll([model, { name: 'org/other', revision: null }], { given }),
    ).rejects.toThrow(
      '--checkpoint: expected logs of one model, `my/step3` would stand for `org/model` and for `org/other`: import their logs one by one, or name both under `logs` in sonde.yaml',
    );
    await expect(nameAll([{ name: 'org/model', revision: 'step5' }], { given })).rejects.toThrow(
      '--checkpoint: `my/step3` says step 3, the log is about `org/model@step5`, step 5: leave --checkpoint out, or correct it',
    );
  });
});
