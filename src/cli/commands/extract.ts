import { UserError } from '../../error/index.ts';
import type { ExtractReport } from '../../jobs/index.ts';
import type { CommandDefinition } from '../command.ts';
import { commaList, oneOf } from '../option-parsers.ts';
import { optionalText, requiredText, textOption } from '../options.ts';
import { bytes, duration } from '../render/format.ts';
import { addDeviceOption, addPassOptions, withPassLimits } from './pass-options.ts';
import {
  addPrecisionOption,
  addSuiteOptions,
  readPrecision,
  readSuiteOptions,
} from './shared-options.ts';
import { addStateServerOptions, readStateServer } from './state-server-options.ts';

const pools = ['last', 'mean', 'output'] as const;
const dtypes = ['f32', 'f16', 'bf16'] as const;

export const extractCommand: CommandDefinition = {
  usage: 'extract <checkpoint>',
  summary: 'hidden states of a suite’s questions, as safetensors',
  configure: (command) => {
    addDeviceOption(
      addPassOptions(addPrecisionOption(addStateServerOptions(addSuiteOptions(command)))),
    )
      .option('--pool <pools>', 'which tensors: last, mean, output', 'last,mean')
      .option('--layers <layers>', 'all, or layer numbers: 0,8,16', 'all')
      .option('--dtype <type>', 'f32, f16 or bf16', oneOf('--dtype', dtypes), 'f32')
      .option('--out <file>', 'write the tensors to this file too');
  },
  run: async ([checkpoint = ''], options, session) => {
    const { extract } = await import('../../jobs/index.ts');
    const out = optionalText(options, 'out');
    const report = await extract(
      await session.store(),
      { checkpoint, ...readSuiteOptions(options) },
      {
        pools: commaList('--pool')(requiredText(options, 'pool')).map(oneOf('--pool', pools)),
        layers: parseLayers(requiredText(options, 'layers')),
        dtype: textOption(options, 'dtype', dtypes),
        precision: readPrecision(options) ?? 'f32',
        out: out === null ? null : session.resolve(out),
        server: readStateServer(options, session),
      },
      withPassLimits(options, session),
    );
    return { json: report, text: () => renderReport(report) };
  },
};

function parseLayers(text: string): 'all' | readonly number[] {
  if (text === 'all') return 'all';
  return commaList('--layers')(text).map((part) => {
    if (!/^\d+$/.test(part)) {
      throw new UserError(
        `--layers: expected \`all\` or layer numbers such as 0,8,16, got \`${text}\``,
      );
    }
    return Number(part);
  });
}

function renderReport(report: ExtractReport): string {
  const shape = `${report.items} items × ${report.layers.length} layers × ${report.hidden}`;
  const how =
    report.seconds === 0
      ? 'found in the store'
      : `${report.tokens} tokens in ${duration(report.seconds)}, ${Math.round(report.tokens / report.seconds)} tokens/s`;
  const approximate = report.precision === 'int8' ? ' in int8' : '';
  const by = report.origin === null ? '' : ` from ${report.origin.model} at ${report.origin.url}`;
  return `${report.checkpoint}${by}: ${shape}${approximate} (${report.pools.join(', ')}), ${bytes(report.bytes)}, ${how}\n${report.file}`;
}
