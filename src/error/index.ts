export { describeIssue } from './describe-issue.ts';
export { UserError } from './user-error.ts';
