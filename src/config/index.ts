export { loadConfig, type SondeConfig } from './sonde-config.ts';
