import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startPostgres } from '../../scripts/embedded/postgres.ts';
import { startTemporal } from '../../scripts/embedded/temporal-server.ts';
import { systemEnvironment } from '../../scripts/process.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'armature-environment-'));
  await chmod(home, 0o711);
  for (const name of [
    'ARMATURE_SECRETS_KEY',
    'SLACK_CLIENT_SECRET',
    'AWS_SECRET_ACCESS_KEY',
    'OPENAI_API_KEY',
    'PGPASSWORD',
  ])
    vi.stubEnv(name, 'a-credential');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

it('programs get what any program needs, and no credential', () => {
  vi.stubEnv('LC_TIME', 'C');
  const names = Object.keys(systemEnvironment({ ARMATURE_EXAMPLE_PORT: '1' })).sort();
  expect(names).toEqual(expect.arrayContaining(['ARMATURE_EXAMPLE_PORT', 'LC_TIME', 'PATH']));
  expect(Object.values(systemEnvironment())).not.toContain('a-credential');
});

// Other systems show a process's environment in ways of their own.
it.skipIf(process.platform !== 'linux')('the embedded servers get no credential', async () => {
  const postgres = await startPostgres({ dir: join(home, 'postgres'), port: 0 });
  const temporal = await startTemporal({ dir: null, port: 0, uiPort: null, log: () => {} });
  try {
    for (const { pid } of [postgres, temporal]) {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
      expect(environment).toContain('PATH=');
      expect(environment).not.toContain('a-credential');
    }
  } finally {
    await Promise.all([postgres.stop(), temporal.stop()]);
  }
});
