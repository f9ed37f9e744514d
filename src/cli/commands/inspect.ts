import type { InspectedCheckpoint } from '../../jobs/index.ts';
import type { CommandDefinition } from '../command.ts';
import { bytes, count, duration, flops } from '../render/format.ts';
import { renderTable } from '../render/table.ts';
import { addPassOptions, withPassLimits } from './pass-options.ts';

export const inspectCommand: CommandDefinition = {
  usage: 'inspect <checkpoint...>',
  summary: 'what a checkpoint is, whether Sonde can read it, and what a pass over it costs here',
  configure: (command) => {
    addPassOptions(command);
  },
  run: async (positional, options, session) => {
    const { inspectCheckpoints } = await import('../../jobs/index.ts');
    const context = withPassLimits(options, session);
    const checkpoints = await inspectCheckpoints(await session.store(), positional, context);
    return { json: { checkpoints }, text: () => renderReport(checkpoints) };
  },
};

function renderReport(checkpoints: readonly InspectedCheckpoint[]): string {
  const table = renderTable(
    [
      { title: 'checkpoint', align: 'left' },
      { title: 'family', align: 'left' },
      { title: 'params' },
      { title: 'non-emb.' },
      { title: 'dtype', align: 'left' },
      { title: 'stage', align: 'left' },
      { title: 'step' },
      { title: 'tokens' },
      { title: 'FLOPs' },
      { title: 'memory' },
      { title: 's / 1k tokens' },
      { title: 'state', align: 'left' },
    ],
    checkpoints.map((checkpoint) => [
      checkpoint.checkpoint,
      checkpoint.family ?? '–',
      count(checkpoint.params),
      count(checkpoint.paramsNonEmbedding),
      checkpoint.dtype ?? '–',
      checkpoint.stage ?? '–',
      checkpoint.step === null ? '–' : `${checkpoint.step}`,
      count(checkpoint.tokens),
      flops(checkpoint.flops),
      checkpoint.pass === null ? '–' : bytes(checkpoint.pass.memoryBytes),
      checkpoint.pass === null ? '–' : checkpoint.pass.secondsPer1000Tokens.toPrecision(2),
      stateOf(checkpoint),
    ]),
  );
  return [table, '', ...checkpoints.flatMap(describeSources)].join('\n');
}

function stateOf(checkpoint: InspectedCheckpoint): string {
  if (!checkpoint.complete) return `incomplete: ${checkpoint.missing.join(', ')}`;
  return checkpoint.supported
    ? 'ready'
    : `not supported: ${checkpoint.reason ?? 'unknown architecture'}`;
}

function describeSources(checkpoint: InspectedCheckpoint): string[] {
  const sources = Object.entries(checkpoint.source).map(
    ([fact, origin]) => `${fact} from ${origin}`,
  );
  const pass =
    checkpoint.pass === null
      ? []
      : [
          `  a pass over 1,000 questions of 200 tokens: about ${duration(checkpoint.pass.secondsPer1000Tokens * 200)} on this machine (${checkpoint.pass.how})`,
          `  it would run ${checkpoint.pass.text}`,
        ];
  return [`${checkpoint.checkpoint}: ${checkpoint.path}`, `  ${sources.join(', ')}`, ...pass];
}
