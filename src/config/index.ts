export { type ConfiguredFacts, loadConfig, type SondeConfig } from './sonde-config.ts';
export type { WatchSection } from './watch-section.ts';
