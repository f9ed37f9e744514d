export { type RunningService, type ServeOptions, startService } from './serve.ts';
