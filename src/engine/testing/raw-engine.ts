import { type EngineCheckpoint, type LocalEngine, openLocalEngine } from '../index.ts';

/**
 * An engine whose layers are those of the checkpoint as a server gives them: the output of the last block without the
 * final norm. It runs the checkpoint with its last block once more behind it, whose output nobody reads.
 */
export function openRawEngine(checkpoint: EngineCheckpoint): Promise<LocalEngine> {
  const { config, tensors } = checkpoint;
  const blocks = Number(config['num_hidden_layers']);
  const types: unknown = config['layer_types'];
  const last = `model.layers.${blocks - 1}.`;
  const more = [...tensors].flatMap(([name, tensor]): [string, typeof tensor][] =>
    name.startsWith(last) ? [[`model.layers.${blocks}.${name.slice(last.length)}`, tensor]] : [],
  );
  return openLocalEngine(
    {
      ...checkpoint,
      config: {
        ...config,
        num_hidden_layers: blocks + 1,
        ...(Array.isArray(types) ? { layer_types: [...(types as unknown[]), types.at(-1)] } : {}),
      },
      tensors: new Map([...tensors, ...more]),
    },
    { threads: 1 },
  );
}
