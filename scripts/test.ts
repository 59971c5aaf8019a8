/**
 * `npm test`: the static checks, the dashboard's build, then every test but the slow ones; with `--all` those too. Ends with a line
 * `N passed, N failed`, in which a check, and a file that can't be loaded, count as one failure each. Other arguments go to vitest,
 * and leave the static checks out.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const all = process.argv.includes('--all');
const selected = process.argv.slice(2).filter((argument) => argument !== '--all');
const projects = all || selected.some((argument) => argument.startsWith('--project')) ? [] : ['--project=!slow'];

const checked = selected.length > 0 || run(['scripts/check.ts']);
const built = run(['scripts/build.ts']);
const { passed, failed } = built ? runTests() : { passed: 0, failed: 1 };
const allFailed = failed + (checked ? 0 : 1);
console.log(`${passed} passed, ${allFailed} failed`);
process.exitCode = allFailed > 0 ? 1 : 0;

function run(args: string[]): boolean {
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0;
}

function runTests(): { passed: number; failed: number } {
  const folder = mkdtempSync(join(tmpdir(), 'armature-test-'));
  const output = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${output}`];
  try {
    const green = run(['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...projects, ...selected]);
    const { passed, failed } = count(readFileSync(output, 'utf8'));
    // No test at all, or a failure outside of the tests, is one as well.
    return { passed, failed: failed === 0 && (!green || passed === 0) ? 1 : failed };
  } catch (error) {
    console.error(`The tests left no report: ${error instanceof Error ? error.message : String(error)}`);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function count(json: string): { passed: number; failed: number } {
  const file = z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) });
  const { testResults } = z.object({ testResults: z.array(file) }).parse(JSON.parse(json));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const unloaded = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  );
  const withStatus = (wanted: string) => tests.filter((status) => status === wanted).length;
  return { passed: withStatus('passed'), failed: withStatus('failed') + unloaded.length };
}
