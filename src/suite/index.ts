export { cutAtStop, gradeAnswer } from './grade-answer.ts';
export {
  checkChoices,
  continuationOf,
  gradeLikelihoods,
  isTargetChoice,
  likelihoodFilters,
  splitAtChoice,
} from './graders/loglikelihood.ts';
export { hashSuite, hashSuiteContent, promptSha256 } from './identity.ts';
export { type JsonLine, type JsonLinesOptions, readJsonLines } from './json-lines.ts';
export { loadSuite, restrictTasks } from './load-suite.ts';
export type { Grader, Item, Render, Suite, SuiteMessage, Task } from './types.ts';
export { fitsSuite, itemLine, writeSuiteHeader } from './write-suite.ts';
