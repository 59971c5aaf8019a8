/** `npm run check`: runs all static checks, even after one has failed. */
import { spawnSync } from 'node:child_process';

const checks: [name: string, script: string, args: string[]][] = [
  ['format and lint', 'node_modules/@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']],
  ['types', 'node_modules/typescript/bin/tsc', ['--noEmit', '-p', '.']],
  ['rooms', 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs', ['--config', '.dependency-cruiser.cjs', '.']],
  ['folder sizes', 'scripts/check/folders.ts', []],
  ['comment width', 'scripts/check/comments.ts', []],
  ['links', 'scripts/check/links.ts', []],
  ['environment variables', 'scripts/check/variables.ts', []],
  ['unused code', 'node_modules/knip/bin/knip.js', ['--no-progress']],
  ['lock file', 'scripts/check/lock.ts', []],
];

let failed = 0;
for (const [name, script, args] of checks) {
  const startedAt = Date.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (status !== 0) {
    failed += 1;
    console.log(`${stdout}${stderr}`);
  }
}
process.exitCode = failed ? 1 : 0;
