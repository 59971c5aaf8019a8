/**
 * `npm test [--all]`: runs the static checks, builds the dashboard and runs the tests, the slow ones only with `--all`.
 * Passes other arguments on to vitest, and then skips the checks. Ends with `N passed, N failed`: failed checks, and a
 * test file that can't be loaded, count as one failure each. With `--all`, files that failed run once more, alone, and
 * the names of the tests that needed it are printed: these depend on the machine's load, and should be mended.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** More failures than these have another cause than the machine's load. */
const maxRepeatedFiles = 8;

const includesSlow = process.argv.includes('--all');
const vitestArgs = process.argv.slice(2).filter((argument) => argument !== '--all');
const hasProject = vitestArgs.some((argument) => argument.startsWith('--project'));
const projects = includesSlow || hasProject ? [] : ['--project=!slow'];

const isChecked = vitestArgs.length > 0 || run(['scripts/check.ts']);
const isBuilt = run(['scripts/build.ts']);
const { passed, failed } = isBuilt ? runTests() : { passed: 0, failed: 1 };
const totalFailed = failed + (isChecked ? 0 : 1);
console.log(`${passed} passed, ${totalFailed} failed`);
process.exitCode = totalFailed > 0 ? 1 : 0;

function run(args: string[]): boolean {
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0;
}

type Outcome = { passed: number; failed: number; failedFiles: string[]; failedTests: string[] };

function runTests(): { passed: number; failed: number } {
  try {
    const first = runVitest([...projects, ...vitestArgs]);
    const { failedFiles } = first;
    if (!includesSlow || failedFiles.length === 0 || failedFiles.length > maxRepeatedFiles) return first;
    console.log(`Run once more, alone:\n  ${failedFiles.join('\n  ')}`);
    const second = runVitest([...failedFiles, '--no-file-parallelism']);
    const onlyUnderLoad = first.failedTests.filter((name) => !second.failedTests.includes(name));
    if (onlyUnderLoad.length > 0) console.log(`Passed only when run alone:\n  ${onlyUnderLoad.join('\n  ')}`);
    return { passed: first.passed + first.failed - second.failed, failed: second.failed };
  } catch (error) {
    console.error(`The tests wrote no report: ${error instanceof Error ? error.message : String(error)}`);
    return { passed: 0, failed: 1 };
  }
}

function runVitest(args: string[]): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'armature-test-'));
  const output = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${output}`];
  try {
    const isGreen = run(['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args]);
    const outcome = countTests(readFileSync(output, 'utf8'));
    // A run without tests, or with an error outside of them, has failed too.
    return { ...outcome, failed: outcome.failed === 0 && (!isGreen || outcome.passed === 0) ? 1 : outcome.failed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countTests(json: string): Outcome {
  const test = z.object({ status: z.string(), fullName: z.string() });
  const file = z.object({ name: z.string(), status: z.string(), assertionResults: z.array(test) });
  const { testResults } = z.object({ testResults: z.array(file) }).parse(JSON.parse(json));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failedTests = tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
  const failedFiles = testResults.filter(({ status }) => status === 'failed');
  const failedToLoad = failedFiles.filter(({ assertionResults }) =>
    assertionResults.every(({ status }) => status !== 'failed'),
  );
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: failedTests.length + failedToLoad.length,
    failedFiles: failedFiles.map(({ name }) => name),
    failedTests,
  };
}
