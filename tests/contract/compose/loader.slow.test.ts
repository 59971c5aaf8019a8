import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { canRunGo, goPrograms } from '../../real/environment.ts';
import { asked, documented, services, versions } from './files.ts';

const run = promisify(execFile);

const project = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      environment: z.record(z.string(), z.string()).default({}),
      volumes: z.array(z.object({ source: z.string() })).default([]),
    }),
  ),
});

it.skipIf(!(await canRunGo()))("Compose's own loader puts the files together as meant", async () => {
  const from = fileURLToPath(new URL('loader', import.meta.url));
  const folder = await goPrograms(from, { name: 'compose-loader', packages: ['.'] });
  const chosen = Object.fromEntries(asked.map((name) => [name, documented.get(name) || `chosen-${name}`]));
  const load = async (more: Record<string, string>) => {
    const { stdout } = await run(join(folder, 'compose-loader'), [], {
      env: { PATH: process.env.PATH, ...chosen, ARMATURE_MODELS_ENV: '/dev/null', ...more },
    });
    return project.parse(JSON.parse(stdout)).services;
  };

  const loaded = await load({});
  expect(Object.keys(loaded).toSorted()).toEqual([...services.keys()].toSorted());
  expect(loaded.temporal?.image).toBe(`temporalio/server:${versions.get('TEMPORAL_VERSION')}`);
  expect(loaded['temporal-schema']).toMatchObject({
    environment: { SQL_PASSWORD: 'chosen-TEMPORAL_POSTGRES_PASSWORD' },
    volumes: [{ source: join(process.cwd(), 'deploy/temporal') }],
  });
  expect(loaded.api?.environment.TEMPORAL_ADDRESS).toBe('temporal:7233');
  // What people set wins over the file of versions.
  expect((await load({ TEMPORAL_VERSION: '1.31.5' })).temporal?.image).toBe('temporalio/server:1.31.5');
});
