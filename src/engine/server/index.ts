export {
  onlyServedModel,
  openServer,
  type ServerEngine,
  type ServerOptions,
} from './server-engine.ts';
export { parseServerUrl } from './server-url.ts';
