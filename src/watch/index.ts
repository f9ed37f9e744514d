export type { CheckedCheckpoint, CheckedTask } from './checked-checkpoint.ts';
export { configureWatch, type ConfigureContext, type GivenWatch } from './configure.ts';
export { expectFolder } from './discovery.ts';
export type { Waiting } from './find-checkpoints.ts';
export { replay, type ReplayOptions } from './replay/replay.ts';
export type { WatchSettings } from './settings.ts';
export { watch } from './watch.ts';
export { createWatcher, type WatchReport } from './watcher.ts';
