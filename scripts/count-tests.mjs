// Prints "passed failed skipped" of a vitest JSON report. Usage: count-tests.mjs REPORT EXIT_CODE
import { readFileSync } from 'node:fs';

const [file, exitCode] = process.argv.slice(2);
const report = JSON.parse(readFileSync(file, 'utf8'));
const { numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests } = report;
// A file that fails outside its tests (it can't be loaded, a hook throws) has no failed test to show for it.
const brokenFiles = report.testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
);
const failed = numFailedTests + brokenFiles.length;
// The run can also fail as a whole: an unhandled rejection, or no test at all.
const failedAsAWhole = failed === 0 && exitCode !== '0';
console.log(passed, failedAsAWhole ? 1 : failed, numPendingTests + numTodoTests);
