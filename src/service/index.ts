export { type ReportOptions, writeReport, type WrittenReport } from './report/index.ts';
export { type RunningService, type ServeOptions, startService } from './serve.ts';
