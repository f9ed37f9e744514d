// Adds up Vitest's JSON reports and prints `N passed, N failed`. A report that is missing, or a suite that could not be
// loaded, counts as one failure: silence must not pass for success. `NAME:passed` or `NAME:failed` is a check without a report.
import { readFileSync } from 'node:fs';

let passed = 0;
let failed = 0;
let skipped = 0;
for (const file of process.argv.slice(2)) {
  const verdict = /^\w+:(passed|failed)$/.exec(file)?.[1];
  if (verdict !== undefined) {
    if (verdict === 'passed') passed += 1;
    else failed += 1;
    continue;
  }
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    passed += report.numPassedTests;
    skipped += report.numPendingTests + report.numTodoTests;
    const broken = report.testResults.filter(
      (suite) =>
        suite.status === 'failed' &&
        suite.assertionResults.every((test) => test.status !== 'failed'),
    );
    failed += report.numFailedTests + broken.length;
  } catch (error) {
    process.stderr.write(`${file}: ${error.message}\n`);
    failed += 1;
  }
}
process.stdout.write(
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
