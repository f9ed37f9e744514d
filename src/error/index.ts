export { describeIssue } from './describe-issue.ts';
export { UnusableStatesError } from './unusable-states-error.ts';
export { UserError } from './user-error.ts';
