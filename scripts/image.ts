/** `node scripts/image.ts <folder>`: assembles what the image contains, after `npm run build` (Dockerfile). */
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLogger } from '../infra/logger/index.ts';
import { workflowBundle } from '../worker/bundle.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const rooms = [
  'activities',
  'agent',
  'api',
  'build',
  'docs',
  'domain',
  'infra',
  'prisma',
  'scripts',
  'services',
  'worker',
  'workflows',
];

/** @param folder is created. Its packages are those of the lock file, for this platform. */
export async function assembleImage(folder: string): Promise<void> {
  // Kept in build/, so that workers need not bundle.
  const log = createLogger({ level: 'warn', process: 'image' });
  for (const traced of [false, true]) await workflowBundle(log, { traced });
  mkdirSync(folder, { recursive: true });
  for (const room of rooms)
    cpSync(join(root, room), join(folder, room), { recursive: true, filter: (file) => !file.includes('.test.') });
  for (const file of ['LICENSE', '.npmrc', 'package-lock.json']) copyFileSync(join(root, file), join(folder, file));
  // `npm ci --omit=dev` installs build tools too, because production packages name them as optional peers.
  const production: Record<string, unknown> = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...production, devDependencies: {} }, null, 2));
  npm(folder, ['install', '--package-lock-only', '--ignore-scripts']);
  npm(folder, ['ci', '--ignore-scripts']);
  removeForeignBridges(join(folder, 'node_modules/@temporalio/core-bridge/releases'));
}

function npm(cwd: string, args: string[]): void {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed in ${cwd}:\n${stdout}${stderr}`);
}

/** Temporal's SDK contains its native part for five platforms, 27 MB each. */
function removeForeignBridges(releases: string): void {
  const cpu = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  for (const name of readdirSync(releases))
    if (!name.startsWith(`${cpu}-`) || !name.includes(process.platform))
      rmSync(join(releases, name), { recursive: true });
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (!folder) throw new Error('Usage: node scripts/image.ts <folder>');
  await assembleImage(folder);
}
