/**
 * `npm test [--all]`: runs the static checks, builds the dashboard and runs the tests, the slow ones only with `--all`.
 * Passes other arguments on to vitest, and then skips the checks. Ends with `N passed, N failed`: failed checks, and a
 * test file that can't be loaded, count as one failure each.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

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

function runTests(): { passed: number; failed: number } {
  const folder = mkdtempSync(join(tmpdir(), 'armature-test-'));
  const output = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${output}`];
  try {
    const isGreen = run(['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...projects, ...vitestArgs]);
    const { passed, failed } = countTests(readFileSync(output, 'utf8'));
    // A run without tests, or with an error outside of them, has failed too.
    return { passed, failed: failed === 0 && (!isGreen || passed === 0) ? 1 : failed };
  } catch (error) {
    console.error(`The tests wrote no report: ${error instanceof Error ? error.message : String(error)}`);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countTests(json: string): { passed: number; failed: number } {
  const file = z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) });
  const { testResults } = z.object({ testResults: z.array(file) }).parse(JSON.parse(json));
  const statuses = testResults.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const failedToLoad = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  );
  const countStatus = (expected: string) => statuses.filter((status) => status === expected).length;
  return { passed: countStatus('passed'), failed: countStatus('failed') + failedToLoad.length };
}
