// Runs before `npm start` and `npm test` on whatever Node the machine has, with no dependencies: installs what is
// missing, so that each is one command after the clone.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (path) => `${root}${path}`;

function step(name, command, args, env = {}) {
  const started = Date.now();
  process.stdout.write(`${name} … `);
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (status === 0) return console.log(`done in ${seconds} s`);
  console.log(`failed after ${seconds} s`);
  console.error(`${stdout ?? ''}${stderr ?? ''}`);
  process.exit(status ?? 1);
}

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) {
  console.error(
    `Node ${process.versions.node} is too old to install Armature: it needs 20 or later. See https://nodejs.org`,
  );
  process.exit(1);
}

// npm rewrites node_modules/.package-lock.json at each install.
const installed = at('node_modules/.package-lock.json');
// With NODE_ENV=production, npm would leave out the Node that runs everything.
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(at('package-lock.json')).mtimeMs)
  step('Installing dependencies', 'npm', ['ci', '--include=dev']);

// The generated database client follows the schema, not the lock file. Prisma asks for an engine that only its
// `migrate` uses.
const schema = readFileSync(at('prisma/schema.prisma'));
const version = readFileSync(at('node_modules/@prisma/client/package.json'));
const stamp = createHash('sha256').update(schema).update(version).digest('hex');
const stampFile = at('prisma/generated/.stamp');
if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
  step(
    'Generating the database client',
    at('node_modules/.bin/node'),
    [at('node_modules/prisma/build/index.js'), 'generate'],
    { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath },
  );
  writeFileSync(stampFile, stamp);
}
