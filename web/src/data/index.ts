export { useAcknowledge } from './acknowledge.ts';
export { type Connection, followEvents, useConnection } from './live.ts';
export { isReport, reportSource } from './report-source.ts';
export { serviceSource } from './service-source.ts';
export { answerPath } from '../../../src/wire/index.ts';
export { AnswerError, type Source } from './source.ts';
export { createQueries, SourceContext, useAnswer, useRows, useSource } from './use-answer.ts';
