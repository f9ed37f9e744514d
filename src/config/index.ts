export { type ConfiguredFacts, loadConfig, type SondeConfig } from './sonde-config.ts';
