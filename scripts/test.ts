/**
 * `npm test`: the static checks, the dashboard's build, then every test but the slow ones. Ends with a line `N passed, N failed`; a
 * failed check counts as one failure. Arguments are passed on to vitest.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const run = (args: string[]) => spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0;

const report = z.object({ numPassedTests: z.number(), numFailedTests: z.number(), numPendingTests: z.number() });

const folder = mkdtempSync(join(tmpdir(), 'armature-test-'));
const output = join(folder, 'report.json');
const selected = process.argv.slice(2);

const checked = selected.length > 0 || run(['scripts/check.ts']);
const built = run(['scripts/build.ts']);
const green =
  built &&
  run([
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${output}`,
    ...(selected.includes('--project') ? [] : ['--project=!slow']),
    ...selected,
  ]);

let passed = 0;
let failed = (checked ? 0 : 1) + (built ? 0 : 1);
try {
  const counts = report.parse(JSON.parse(readFileSync(output, 'utf8')));
  passed = counts.numPassedTests;
  failed += counts.numFailedTests;
} catch (error) {
  console.error(`The tests left no report: ${error instanceof Error ? error.message : String(error)}`);
}
// A file that can't be loaded fails without a failed test of its own.
if (!green && failed === 0) failed = 1;
if (passed === 0 && failed === 0) failed = 1;
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
