export { describeIssue } from './describe-issue.ts';
export { describeSystemFailure } from './system-failure.ts';
export { UnusableStatesError } from './unusable-states-error.ts';
export { UserError } from './user-error.ts';
export { userWords } from './user-words.ts';
