import { describe, expect, it } from 'vitest';
import type { LogCheckpoint, LogModel } from '../importer.ts';
import { identifyById, identifyModel } from './identify-model.ts';

const unknown = { stage: null, step: null, tokens: null, flops: null };

function model(name: string, revision: string | null = null): LogModel {
  return { name, revision };
}

describe('identifyModel', () => {
  it.each<[LogModel, Partial<LogCheckpoint>]>([
    [
      model('EleutherAI/pythia-1b', 'step143000'),
      { checkpoint: 'EleutherAI/pythia-1b@step143000', run: 'EleutherAI/pythia-1b', step: 143000 },
    ],
    [
      model('allenai/OLMo-2', 'stage1-step140000-tokens294B'),
      {
        checkpoint: 'allenai/OLMo-2@stage1-step140000-tokens294B',
        run: 'allenai/OLMo-2',
        stage: 'pretrain',
        step: 140000,
      },
    ],
    [model('EleutherAI/pythia-1b', 'main'), { checkpoint: 'EleutherAI/pythia-1b', run: null }],
    [model('EleutherAI/pythia-1b'), { checkpoint: 'EleutherAI/pythia-1b', run: null }],
    [model('/data/runs/olmo/step1000'), { checkpoint: 'olmo/step1000', run: 'olmo', step: 1000 }],
    [
      model('/data/runs/olmo/step1000-hf/'),
      { checkpoint: 'olmo/step1000-hf', run: 'olmo', step: 1000 },
    ],
    [
      model('runs/olmo/checkpoint-500/hf'),
      { checkpoint: 'olmo/checkpoint-500', run: 'olmo', step: 500 },
    ],
    [
      model('org/olmo-1b-step1000'),
      { checkpoint: 'org/olmo-1b-step1000', run: 'org/olmo-1b', step: 1000 },
    ],
    [
      model('/x/olmo-1b-sft-step100'),
      { checkpoint: 'olmo-1b-sft-step100', run: 'olmo-1b', stage: 'sft', step: 100 },
    ],
    [
      model('/cache/models--org--name/snapshots/abc123/'),
      { checkpoint: 'org/name@abc123', run: 'org/name' },
    ],
    [model('/models/final'), { checkpoint: 'models/final', run: 'models' }],
    [model('gpt2'), { checkpoint: 'gpt2', run: null }],
  ])('names %j', (given, expected) => {
    expect(identifyModel(given)).toEqual({ ...unknown, ...expected });
  });
});

describe('identifyById', () => {
  it.each<[string, Partial<LogCheckpoint>]>([
    ['olmo/step1000', { run: 'olmo', step: 1000 }],
    ['org/name@step5-tokens12', { run: 'org/name', step: 5, tokens: 12 }],
    ['final', { run: null }],
  ])('reads %s', (id, expected) => {
    expect(identifyById(id)).toEqual({ checkpoint: id, ...unknown, ...expected });
  });
});
